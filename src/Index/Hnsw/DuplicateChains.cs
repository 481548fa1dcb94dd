using System.IO.Hashing;
using System.Runtime.InteropServices;
using KernelPolicy.Kernels;

namespace KernelPolicy.Index;

/// <summary>
/// Items whose vectors are equal bit for bit. The smallest of a group is a node of the graph; the others hang on it in a
/// chain of rising item numbers.
/// </summary>
/// <remarks>
/// Inside the graph a group larger than a row of links would link to nothing but itself, and hide from the search
/// (hnswlib #341).
/// </remarks>
internal sealed class DuplicateChains : IDisposable
{
    public static readonly DuplicateChains None = new(null, 0);

    private readonly NumberColumn<int>? _next;

    /// <summary>Takes over the next items [P], or null where there are no duplicates.</summary>
    public DuplicateChains(NumberColumn<int>? next, int count)
    {
        _next = next;
        Count = count;
    }

    /// <summary>Items that hang on a smaller one.</summary>
    public int Count { get; }

    /// <summary>The next larger item of the group for each item [P], −1 at the end of a chain; empty where there are no
    /// duplicates.</summary>
    public ReadOnlySpan<int> NextItems => _next is { } next ? next.Span : [];

    public long Bytes => _next?.Bytes ?? 0;

    public int Next(int item) => _next is { } next ? next.Span[item] : -1;

    /// <summary>Finds the groups of equal rows.</summary>
    public static DuplicateChains Find(Matrix items)
    {
        int count = checked((int)items.Rows);
        ulong[] hashes = new ulong[count];
        int[] order = new int[count];
        for (int item = 0; item < count; item++)
        {
            hashes[item] = XxHash3.HashToUInt64(MemoryMarshal.AsBytes(items.Row(item)));
            order[item] = item;
        }

        Array.Sort(hashes, order);
        int[]? next = null;
        int duplicates = 0;
        for (int start = 0, end; start < count; start = end)
        {
            end = start + 1;
            while (end < count && hashes[end] == hashes[start])
                end++;
            if (end - start < 2)
                continue;
            if (next is null)
            {
                next = new int[count];
                Array.Fill(next, -1);
            }

            Span<int> group = order.AsSpan(start, end - start);
            group.Sort();
            duplicates += Chain(items, group, next);
        }

        return next is null || duplicates == 0 ? None : new DuplicateChains(new NumberColumn<int>(next), duplicates);
    }

    /// <summary>Which items are nodes of the graph [P].</summary>
    public bool[] Nodes(int items)
    {
        bool[] nodes = new bool[items];
        Array.Fill(nodes, true);
        foreach (int duplicate in NextItems)
        {
            if (duplicate >= 0)
                nodes[duplicate] = false;
        }

        return nodes;
    }

    /// <summary>Frees the memory; that of <see cref="None"/> is none.</summary>
    public void Dispose() => _next?.Dispose();

    // Rows of one hash, in rising order. They are equal but for collisions, so the last of every distinct row is few.
    private static int Chain(Matrix items, Span<int> group, int[] next)
    {
        int duplicates = 0;
        List<int> ends = [group[0]];
        foreach (int item in group[1..])
        {
            int found = ends.FindIndex(end => MemoryMarshal.AsBytes(items.Row(end))
                .SequenceEqual(MemoryMarshal.AsBytes(items.Row(item))));
            if (found < 0)
            {
                ends.Add(item);
                continue;
            }

            next[ends[found]] = item;
            ends[found] = item;
            duplicates++;
        }

        return duplicates;
    }
}
