using KernelPolicy.Kernels;

namespace KernelPolicy.Data;

/// <summary>Who had to do with what: for each user the items, each once, with the ids that both had in the source.</summary>
/// <remarks>
/// Numbering does not depend on the order of the source. Where every id of a kind is an integer as printed (no leading
/// zeros or plus), numbers follow their values; otherwise the ordinal order of their text. Immutable; safe for
/// concurrent reads.
/// </remarks>
public sealed class Interactions
{
    /// <summary>Puts interactions together; the arrays are kept, not copied.</summary>
    /// <param name="userItems">One row a user: item numbers, rising, each once.</param>
    /// <param name="userIds">Id of each user [users].</param>
    /// <param name="itemIds">Id of each item [items].</param>
    /// <param name="report">What was read and left out.</param>
    /// <exception cref="ArgumentException">The sizes do not fit, or a row is not rising or leaves the range.</exception>
    public Interactions(SparseRows userItems, string[] userIds, string[] itemIds, LoadReport report)
    {
        ArgumentNullException.ThrowIfNull(userItems);
        ArgumentNullException.ThrowIfNull(userIds);
        ArgumentNullException.ThrowIfNull(itemIds);
        ArgumentNullException.ThrowIfNull(report);
        if (userIds.Length != userItems.Count)
            throw new ArgumentException($"{userIds.Length} user ids for {userItems.Count} users.", nameof(userIds));
        for (int user = 0; user < userItems.Count; user++)
        {
            int before = -1;
            foreach (int item in userItems[user])
            {
                if (item <= before || item >= itemIds.Length)
                {
                    throw new ArgumentException(
                        $"User {user} has item {item} after {before}; items must rise and stay below {itemIds.Length}.",
                        nameof(userItems));
                }

                before = item;
            }
        }

        UserItems = userItems;
        UserIds = userIds;
        ItemIds = itemIds;
        Report = report;
    }

    /// <summary>One row a user: the numbers of their items, rising, each once.</summary>
    public SparseRows UserItems { get; }

    /// <summary>The source's id of each user [users].</summary>
    public string[] UserIds { get; }

    /// <summary>The source's id of each item [items].</summary>
    public string[] ItemIds { get; }

    /// <summary>What was read and what was left out.</summary>
    public LoadReport Report { get; }

    /// <summary>Number of users.</summary>
    public int UserCount => UserIds.Length;

    /// <summary>Number of items: P.</summary>
    public int ItemCount => ItemIds.Length;

    /// <summary>Number of distinct (user, item) pairs.</summary>
    public long Count => UserItems.ItemCount;
}
