namespace KernelPolicy.Policy;

/// <summary>Which items are banned and which removed for good, by their ids: what outlasts the recommenders that a host puts in
/// place of one another.</summary>
/// <remarks>Thread safety: members are called under <see cref="Turn"/>, but for <see cref="Refuse"/>,
/// <see cref="Admit"/> and <see cref="ApplyLate"/>, which take it.</remarks>
internal sealed class ItemBans
{
    private readonly HashSet<string> _banned = new(StringComparer.Ordinal);
    private readonly HashSet<string> _removed = new(StringComparer.Ordinal);

    /// <summary>Whose turn it is to change bans or to replace the recommender that obeys them.</summary>
    public Lock Turn { get; } = new();

    /// <summary>Bans items.</summary>
    public void Ban(ReadOnlySpan<string> ids) => AddAll(_banned, ids);

    /// <summary>Removes items for good.</summary>
    public void Remove(ReadOnlySpan<string> ids) => AddAll(_removed, ids);

    /// <summary>Lifts bans.</summary>
    public void Unban(ReadOnlySpan<string> ids)
    {
        foreach (string id in ids)
            _banned.Remove(id);
    }

    /// <summary>Bans and removes in a recommender what it knows of them.</summary>
    public void ApplyTo(Recommender recommender)
    {
        recommender.BanKnown([.. _banned]);
        recommender.RemoveKnown([.. _removed]);
    }

    /// <summary>Refuses to add an item that may not be recommended.</summary>
    /// <exception cref="ArgumentException">One is banned or removed.</exception>
    public void Refuse(IReadOnlyList<string> ids)
    {
        lock (Turn)
        {
            foreach (string id in ids)
            {
                if (_banned.Contains(id) || _removed.Contains(id))
                    throw new ArgumentException($"The item '{id}' is {(_removed.Contains(id) ? "removed" : "banned")} by the host: it cannot be added.", nameof(ids));
            }
        }
    }

    /// <summary>Lets those of added items be recommended that have not been banned or removed while they were being added, so that
    /// none is between its coming and its ban.</summary>
    /// <param name="ids">Their ids.</param>
    /// <param name="first">The number of the first.</param>
    /// <param name="recommender">Has added them, as banned.</param>
    public void Admit(IReadOnlyList<string> ids, int first, Recommender recommender)
    {
        lock (Turn)
        {
            recommender.Admit(
                [.. Enumerable.Range(first, ids.Count).Where(item => !_banned.Contains(ids[item - first]) && !_removed.Contains(ids[item - first]))],
                ids.Count);
            recommender.RemoveKnown([.. ids.Where(_removed.Contains)]);
        }
    }

    /// <summary>As <see cref="ApplyTo"/>, to a recommender that was adding items while it began to serve.</summary>
    public void ApplyLate(Recommender recommender)
    {
        lock (Turn)
            ApplyTo(recommender);
    }

    private static void AddAll(HashSet<string> set, ReadOnlySpan<string> ids)
    {
        foreach (string id in ids)
            set.Add(id);
    }
}
