using System.Runtime.InteropServices;
using KernelPolicy.Index.Files;
using KernelPolicy.Kernels;

namespace KernelPolicy.Index;

/// <summary>Checks that what a file says of a graph is a graph: every number that a search would follow.</summary>
internal sealed unsafe class HnswFileCheck(SectionFileReader reader, byte[] levels)
{
    private readonly bool[] _hangs = new bool[levels.Length];

    /// <summary>No level is above the entry's.</summary>
    /// <returns>Rows that the layers above layer 0 take.</returns>
    public int Levels(int entry)
    {
        int top = Math.Min(levels[entry], (byte)HnswGraph.HighestLayer);
        long rows = 0;
        for (int node = 0; node < levels.Length; node++)
        {
            if (levels[node] > top)
                throw reader.Fault(
                    reader.OffsetOf(HnswFile.Levels) + node, $"a level of 0 to {top}, the entry's, expected, found {levels[node]}");
            rows += levels[node];
        }

        return rows <= int.MaxValue
            ? (int)rows
            : throw reader.Fault(reader.OffsetOf(HnswFile.Levels), $"levels that add up to at most {int.MaxValue} expected, found {rows}");
    }

    /// <summary>Chains rise, do not meet, and join equal vectors; what hangs on a chain is no node.</summary>
    public void Duplicates(ReadOnlySpan<int> next, int declared, int entry, Matrix items)
    {
        int count = 0;
        for (int item = 0; item < next.Length; item++)
        {
            int other = next[item];
            if (other == LinkTable.None)
                continue;
            if (other <= item || other >= next.Length || _hangs[other] || levels[other] != 0
                || !MemoryMarshal.AsBytes(items.Row(item)).SequenceEqual(MemoryMarshal.AsBytes(items.Row(other))))
                throw reader.Fault(
                    At(HnswFile.Duplicates, item), $"the next item with the vector of {item} expected, found {other}");
            _hangs[other] = true;
            count++;
        }

        if (count != declared)
            throw reader.Fault(At(HnswFile.Duplicates, 0), $"{declared} duplicates expected, found {count}");
        if (_hangs[entry])
            throw reader.Fault(At(HnswFile.Duplicates, entry), $"a node expected as entry, found the duplicate {entry}");
    }

    /// <summary>Starts are nodes.</summary>
    public void Starts(ReadOnlySpan<int> starts)
    {
        for (int i = 0; i < starts.Length; i++)
        {
            if (!IsNode(starts[i]))
                throw reader.Fault(At(HnswFile.Starts, i), $"a node expected, found {starts[i]}");
        }
    }

    /// <summary>Links lead to nodes of their layer, and rows end as they should.</summary>
    public void Links(HnswGraph graph)
    {
        for (int node = 0; node < levels.Length; node++)
        {
            Row(graph.Ground, node, HnswFile.Ground, 0, isEmpty: _hangs[node]);
            for (int layer = 1; layer <= levels[node]; layer++)
                Row(graph.Upper, graph.RowOf(layer, node), HnswFile.Upper, layer, isEmpty: false);
        }
    }

    private void Row(LinkTable table, long row, string section, int layer, bool isEmpty)
    {
        int* links = table.Row(row);
        bool ended = isEmpty;
        for (int i = 0; i < table.Stride; i++)
        {
            int link = links[i];
            if (link == LinkTable.None)
                ended = true;
            else if (ended || i >= table.Capacity || !IsNode(link) || levels[link] < layer)
                throw reader.Fault(
                    At(section, (row * table.Stride) + i), $"a node of layer {layer} or the row's end expected, found {link}");
        }
    }

    private long At(string section, long number) => reader.OffsetOf(section) + (number * sizeof(int));

    private bool IsNode(int item) => (uint)item < (uint)levels.Length && !_hangs[item];
}
