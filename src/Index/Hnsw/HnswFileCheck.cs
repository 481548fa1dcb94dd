using System.Runtime.InteropServices;
using KernelPolicy.Kernels;

namespace KernelPolicy.Index;

/// <summary>Checks that what a file says of a graph is a graph: every number that a search would follow.</summary>
internal sealed unsafe class HnswFileCheck(string file, HnswFileHeader header, byte[] levels)
{
    private readonly bool[] _hangs = new bool[levels.Length];

    private long StartsAt => HnswFileHeader.Bytes + HnswFileHeader.Padded(header.Items);

    private long DuplicatesAt => StartsAt + HnswFileHeader.Padded(4L * header.Starts);

    private long GroundAt => DuplicatesAt + (header.Duplicates > 0 ? HnswFileHeader.Padded(4 * header.Items) : 0);

    /// <summary>The levels add up to the rows above layer 0, and none is above the entry's.</summary>
    public void Levels()
    {
        long rows = 0;
        int top = levels[header.Entry];
        for (int node = 0; node < levels.Length; node++)
        {
            if (levels[node] > HnswGraph.HighestLayer || levels[node] > top)
                throw HnswFile.Invalid(
                    file, HnswFileHeader.Bytes + node, $"a level of 0 to {top}, the entry's, was expected, found {levels[node]}");
            rows += levels[node];
        }

        if (rows != header.UpperRows)
            throw HnswFile.Invalid(file, 64, $"{rows} rows above layer 0 were expected from the levels, found {header.UpperRows}");
    }

    /// <summary>Chains rise, do not meet, and join equal vectors; what hangs on a chain is no node.</summary>
    public void Duplicates(ReadOnlySpan<int> next, Matrix items)
    {
        int count = 0;
        for (int item = 0; item < next.Length; item++)
        {
            int other = next[item];
            if (other == LinkTable.None)
                continue;
            if (other <= item || other >= next.Length || _hangs[other] || levels[other] != 0
                || !MemoryMarshal.AsBytes(items.Row(item)).SequenceEqual(MemoryMarshal.AsBytes(items.Row(other))))
                throw HnswFile.Invalid(
                    file, DuplicatesAt + (4L * item), $"the next item with the vector of {item} was expected, found {other}");
            _hangs[other] = true;
            count++;
        }

        if (count != header.Duplicates)
            throw HnswFile.Invalid(file, 72, $"{count} duplicates were expected from the chains, found {header.Duplicates}");
        if (_hangs[header.Entry])
            throw HnswFile.Invalid(file, 56, $"a node was expected as entry, found the duplicate {header.Entry}");
    }

    /// <summary>Starts are nodes.</summary>
    public void Starts(ReadOnlySpan<int> starts)
    {
        for (int i = 0; i < starts.Length; i++)
        {
            if (!IsNode(starts[i]))
                throw HnswFile.Invalid(file, StartsAt + (4L * i), $"a node was expected, found {starts[i]}");
        }
    }

    /// <summary>Links lead to nodes of their layer, and rows end as they should.</summary>
    public void Links(HnswGraph graph)
    {
        long upperAt = GroundAt + graph.Ground.ByteLength;
        for (int node = 0; node < levels.Length; node++)
        {
            Row(graph.Ground, node, GroundAt, _hangs[node] ? -1 : 0);
            for (int layer = 1; layer <= levels[node]; layer++)
                Row(graph.Upper, graph.RowOf(layer, node), upperAt, layer);
        }
    }

    // A layer of −1 admits no link.
    private void Row(LinkTable table, long row, long tableAt, int layer)
    {
        int* links = table.Row(row);
        bool ended = layer < 0;
        for (int i = 0; i < table.Stride; i++)
        {
            int link = links[i];
            if (link == LinkTable.None)
                ended = true;
            else if (ended || i >= table.Capacity || !IsNode(link) || levels[link] < layer)
                throw HnswFile.Invalid(
                    file, tableAt + (((row * table.Stride) + i) * sizeof(int)),
                    $"a node of layer {Math.Max(layer, 0)} or the row's end was expected, found {link}");
        }
    }

    private bool IsNode(int item) => (uint)item < (uint)levels.Length && !_hangs[item];
}
