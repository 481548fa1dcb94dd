using System.Diagnostics;
using KernelPolicy.Kernels;

namespace KernelPolicy.Data;

/// <summary>From rows of ids, as they come from the files, to numbered, filtered, ordered interactions.</summary>
/// <remarks>Not thread-safe. The result does not depend on the order of the rows (sessions: of the lines, apart from
/// their ids).</remarks>
internal sealed class InteractionBuilder
{
    private readonly PairCollector _pairs = new();
    private readonly IdTable _users = new();
    private readonly IdTable _items = new();
    private readonly long _start = Stopwatch.GetTimestamp();

    /// <summary>Rows of data seen, filtered ones included.</summary>
    public long RowsRead { get; set; }

    /// <summary>Rows that the filter column turned away.</summary>
    public long RowsFilteredOut { get; set; }

    public void Add(string user, string item) => _pairs.Add(_users.Number(user), _items.Number(item));

    public int UserNumber(string user) => _users.Number(user);

    public void Add(int userNumber, ReadOnlySpan<char> item) => _pairs.Add(userNumber, _items.Number(item));

    /// <summary>Collapses repeats, filters and numbers. The builder is empty afterwards.</summary>
    /// <exception cref="InvalidDataException">Nothing is left.</exception>
    public Interactions Build(InteractionOptions options, LoadReport report, CancellationToken cancellationToken)
    {
        long rows = _pairs.Count;
        SparseRows distinct = _pairs.ToRows(_users.Count, cancellationToken);
        CoreFilter filter = CoreFilter.Run(
            distinct, _items.Count, options.MinUserInteractions, options.MinItemInteractions, cancellationToken);
        (string[] userIds, int[] oldUsers) = Survivors(_users, filter.UserKept);
        (string[] itemIds, int[] oldItems) = Survivors(_items, filter.ItemKept);
        SparseRows kept = Renumber(distinct, oldUsers, oldItems, filter.ItemKept);
        report = report with
        {
            RowsRead = RowsRead,
            RowsFilteredOut = RowsFilteredOut,
            DuplicateRows = rows - distinct.ItemCount,
            UsersRead = _users.Count,
            ItemsRead = _items.Count,
            UsersBelowMinimum = filter.UsersBelowMinimum,
            UsersWithOneItem = filter.UsersWithOneItem,
            UsersWithoutItems = filter.UsersWithoutItems,
            ItemsBelowMinimum = filter.ItemsBelowMinimum,
            ItemsWithoutUsers = filter.ItemsWithoutUsers,
            InteractionsDropped = distinct.ItemCount - kept.ItemCount,
            FilterRounds = filter.Rounds,
            Users = userIds.Length,
            Items = itemIds.Length,
            Interactions = kept.ItemCount,
            Seconds = Stopwatch.GetElapsedTime(_start).TotalSeconds,
        };
        if (kept.ItemCount == 0)
            throw new InvalidDataException(EmptyMessage(options, report));
        return new Interactions(kept, userIds, itemIds, report);
    }

    private static (string[] Ids, int[] OldNumbers) Survivors(IdTable table, bool[] kept)
    {
        int count = kept.Count(k => k);
        string[] ids = new string[count];
        int[] numbers = new int[count];
        int next = 0;
        for (int number = 0; number < kept.Length; number++)
        {
            if (!kept[number])
                continue;
            ids[next] = table[number];
            numbers[next++] = number;
        }

        IdOrder.Sort(ids, numbers);
        return (ids, numbers);
    }

    private static SparseRows Renumber(SparseRows rows, int[] oldUsers, int[] oldItems, bool[] itemKept)
    {
        int[] newItem = new int[itemKept.Length];
        for (int item = 0; item < oldItems.Length; item++)
            newItem[oldItems[item]] = item;
        long[] offsets = new long[oldUsers.Length + 1];
        for (int user = 0; user < oldUsers.Length; user++)
        {
            int degree = 0;
            foreach (int item in rows[oldUsers[user]])
                degree += itemKept[item] ? 1 : 0;
            offsets[user + 1] = offsets[user] + degree;
        }

        int[] items = new int[offsets[^1]];
        for (int user = 0; user < oldUsers.Length; user++)
        {
            int next = (int)offsets[user];
            foreach (int item in rows[oldUsers[user]])
            {
                if (itemKept[item])
                    items[next++] = newItem[item];
            }

            items.AsSpan((int)offsets[user]..next).Sort();
        }

        return new SparseRows(offsets, items);
    }

    private static string EmptyMessage(InteractionOptions options, LoadReport report) =>
        $"No interactions are left. Rows read: {report.RowsRead}; turned away by the filter column: "
        + $"{report.RowsFilteredOut}; users with fewer than {options.MinUserInteractions} items: "
        + $"{report.UsersBelowMinimum}; users with one item: {report.UsersWithOneItem}; items with fewer than "
        + $"{options.MinItemInteractions} users: {report.ItemsBelowMinimum}.";
}
