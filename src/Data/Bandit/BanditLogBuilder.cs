using System.Diagnostics;
using System.Runtime.InteropServices;
using KernelPolicy.Kernels;

namespace KernelPolicy.Data;

/// <summary>From rows, as they come from the files, to a numbered log.</summary>
/// <remarks>Not thread-safe.</remarks>
internal sealed class BanditLogBuilder
{
    private readonly IdTable _items = new();
    private readonly bool _itemsGiven;
    private readonly int _givenItems;
    private readonly long _start = Stopwatch.GetTimestamp();
    private readonly List<int> _historyStarts = [];
    private readonly List<int> _history = [];

    /// <summary>Starts a log.</summary>
    /// <param name="items">Ids of the catalogue in their order, or null for the items found.</param>
    /// <param name="features">Gathers the features, or null for none.</param>
    public BanditLogBuilder(IReadOnlyList<string>? items, FeatureCollector? features)
    {
        Features = features;
        _itemsGiven = items is not null;
        _givenItems = items?.Count ?? 0;
        foreach (string id in items ?? [])
            _items.Number(id);
    }

    public FeatureCollector? Features { get; }

    public List<int> Actions { get; } = [];

    public List<double> Propensities { get; } = [];

    public List<double> Rewards { get; } = [];

    public List<int> Positions { get; } = [];

    public List<double> Times { get; } = [];

    /// <summary>Whether the times come from dates; null before the first.</summary>
    public bool? TimesAreDates { get; set; }

    public long RowsRead { get; set; }

    public long RowsFilteredOut { get; set; }

    /// <summary>The provisional number of an item; false where the items are given and it is none of them.</summary>
    public bool TryItem(ReadOnlySpan<char> id, out int item)
    {
        item = _items.Number(id);
        return !_itemsGiven || item < _givenItems;
    }

    public void StartHistory() => _historyStarts.Add(_history.Count);

    public void AddToHistory(int item) => _history.Add(item);

    /// <summary>Numbers the items, encodes the features, and reports.</summary>
    /// <param name="report">With files and source.</param>
    /// <exception cref="InvalidDataException">No decision is left.</exception>
    public BanditLog Build(BanditLogReport report)
    {
        if (Actions.Count == 0)
        {
            throw new InvalidDataException(
                $"No decisions are left. Rows read: {RowsRead}; turned away by the filter column: {RowsFilteredOut}.");
        }

        (string[] ids, int[] lasting) = Numbering();
        int[] actions = new int[Actions.Count];
        bool[] taken = new bool[ids.Length];
        for (int row = 0; row < actions.Length; row++)
        {
            actions[row] = lasting[Actions[row]];
            taken[actions[row]] = true;
        }

        BanditDecisions decisions = new(actions, [.. Rewards])
        {
            Propensities = Propensities.Count > 0 ? [.. Propensities] : null,
            Positions = Positions.Count > 0 ? [.. Positions] : null,
            Times = Times.Count > 0 ? [.. Times] : null,
        };
        (SparseRows? histories, int empty) = Histories(lasting);
        (Matrix? features, FeatureEncoding? encoding) = Features is null ? (null, null) : Features.Build();
        report = report with
        {
            RowsRead = RowsRead,
            RowsFilteredOut = RowsFilteredOut,
            Decisions = actions.Length,
            Items = ids.Length,
            ItemsNeverTaken = taken.Count(t => !t),
            EmptyHistories = empty,
            HistoryRepeats = _history.Count - (histories?.ItemCount ?? 0),
            UnknownCategories = Features?.UnknownCategories ?? 0,
            Features = encoding?.Dimension ?? 0,
            Rewarded = Rewards.Count(r => r != 0),
            MeanReward = Rewards.Average(),
            LeastPropensity = Propensities.DefaultIfEmpty(double.NaN).Min(),
            GreatestPropensity = Propensities.DefaultIfEmpty(double.NaN).Max(),
            Seconds = Stopwatch.GetElapsedTime(_start).TotalSeconds,
        };
        return new BanditLog(decisions, features, encoding, histories, ids, report);
    }

    /// <summary>Ids in their lasting order, and the lasting number of each provisional one.</summary>
    private (string[] Ids, int[] Lasting) Numbering()
    {
        string[] ids = new string[_items.Count];
        int[] provisional = new int[ids.Length];
        for (int i = 0; i < ids.Length; i++)
            (ids[i], provisional[i]) = (_items[i], i);
        if (!_itemsGiven)
            IdOrder.Sort(ids, provisional);
        int[] lasting = new int[ids.Length];
        for (int i = 0; i < ids.Length; i++)
            lasting[provisional[i]] = i;
        return (ids, lasting);
    }

    private (SparseRows? Rows, int Empty) Histories(int[] lasting)
    {
        if (_historyStarts.Count == 0)
            return (null, 0);
        Span<int> all = CollectionsMarshal.AsSpan(_history);
        foreach (ref int item in all)
            item = lasting[item];
        long[] offsets = new long[_historyStarts.Count + 1];
        int[] items = new int[all.Length];
        int written = 0;
        int empty = 0;
        for (int row = 0; row < _historyStarts.Count; row++)
        {
            int start = _historyStarts[row];
            int end = row + 1 < _historyStarts.Count ? _historyStarts[row + 1] : all.Length;
            Span<int> history = all[start..end];
            history.Sort();
            int before = -1;
            foreach (int item in history)
            {
                if (item != before)
                    items[written++] = before = item;
            }

            empty += history.IsEmpty ? 1 : 0;
            offsets[row + 1] = written;
        }

        return (new SparseRows(offsets, items[..written]), empty);
    }
}
