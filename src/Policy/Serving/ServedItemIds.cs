using System.Collections.Concurrent;
using System.Text;

namespace KernelPolicy.Policy;

/// <summary>The ids of a bundle's items or a policy's, and of those added since.</summary>
/// <remarks>Any number of threads may read while one adds.</remarks>
internal sealed class ServedItemIds
{
    private readonly ItemIdTable? _table;
    private readonly SoftmaxPolicy? _policy;
    private readonly int _firstAdded;
    private readonly ConcurrentDictionary<string, int> _numbers = new(StringComparer.Ordinal);
    private volatile string[] _added = [];

    public ServedItemIds(ItemIdTable table) => (_table, _firstAdded) = (table, table.Count);

    public ServedItemIds(SoftmaxPolicy policy) => (_policy, _firstAdded) = (policy, policy.ItemIds.Count);

    public int Count => _firstAdded + _added.Length;

    public string this[int item]
    {
        get
        {
            string[] added = _added;
            if ((uint)item >= (uint)(_firstAdded + added.Length))
                throw new ArgumentOutOfRangeException(nameof(item), item, $"There is no item {item}; items are 0 to {_firstAdded + added.Length - 1}.");
            return item >= _firstAdded ? added[item - _firstAdded] : _table is null ? _policy!.ItemIds[item] : _table[item];
        }
    }

    public bool TryFind(ReadOnlySpan<char> id, out int item) =>
        (_table is null ? _policy!.TryFind(id, out item) : _table.TryFind(id, out item))
        || (!_numbers.IsEmpty && _numbers.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(id, out item));

    /// <summary>Names the next items; they are found by their ids only after <see cref="Publish"/>. One writer at a time.</summary>
    /// <exception cref="ArgumentException">An id is known already, or is named twice.</exception>
    public void Append(IReadOnlyList<string> ids)
    {
        HashSet<string> seen = new(StringComparer.Ordinal);
        foreach (string id in ids)
        {
            ArgumentException.ThrowIfNullOrEmpty(id, nameof(ids));
            if (Encoding.UTF8.GetByteCount(id) > ItemIdTable.LongestId)
                throw new ArgumentException($"The id '{id[..32]}…' is longer than {ItemIdTable.LongestId} bytes.", nameof(ids));
            if (!seen.Add(id) || TryFind(id, out _))
                throw new ArgumentException($"There is an item '{id}' already.", nameof(ids));
        }

        _added = [.. _added, .. ids];
    }

    /// <summary>Takes back what <see cref="Append"/> named last.</summary>
    public void TakeBack(int count) => _added = _added[..^count];

    /// <summary>Lets the last <paramref name="count"/> ids be found.</summary>
    public void Publish(int count)
    {
        string[] added = _added;
        for (int i = added.Length - count; i < added.Length; i++)
            _numbers[added[i]] = _firstAdded + i;
    }
}
