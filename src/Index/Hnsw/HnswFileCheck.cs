using System.Runtime.InteropServices;
using KernelPolicy.Index.Files;
using KernelPolicy.Kernels;

namespace KernelPolicy.Index;

/// <summary>Checks that what a file says of a graph is a graph: every number that a search would follow.</summary>
internal sealed unsafe class HnswFileCheck(SectionFileReader reader, NumberColumn<byte> levels)
{
    private bool[] _hangs = [];

    /// <summary>No level is above the entry's.</summary>
    /// <returns>Rows that the layers above layer 0 take.</returns>
    public int Levels(int entry)
    {
        ReadOnlySpan<byte> all = levels.Span;
        byte top = Math.Min(all[entry], (byte)HnswGraph.HighestLayer);
        int above = all.IndexOfAnyExceptInRange((byte)0, top);
        if (above >= 0)
            throw reader.Fault(
                reader.OffsetOf(HnswFile.Levels) + above, $"a level of 0 to {top}, the entry's, expected, found {all[above]}");
        long rows = HnswGraph.UpperRows(all);
        return rows <= int.MaxValue
            ? (int)rows
            : throw reader.Fault(reader.OffsetOf(HnswFile.Levels), $"levels that add up to at most {int.MaxValue} expected, found {rows}");
    }

    /// <summary>Chains rise, do not meet, and join equal vectors.</summary>
    public void Duplicates(DuplicateChains chains, Matrix items)
    {
        ReadOnlySpan<int> next = chains.NextItems;
        _hangs = new bool[items.Rows];
        int count = 0;
        for (int item = 0; item < next.Length; item++)
        {
            int other = next[item];
            if (other == LinkTable.None)
                continue;
            if (other <= item || other >= next.Length || _hangs[other]
                || (items.HasValues && !MemoryMarshal.AsBytes(items.Row(item)).SequenceEqual(MemoryMarshal.AsBytes(items.Row(other)))))
                throw reader.Fault(
                    At(HnswFile.Duplicates, item), $"the next item with the vector of {item} expected, found {other}");
            _hangs[other] = true;
            count++;
        }

        if (count != chains.Count)
            throw reader.Fault(At(HnswFile.Duplicates, 0), $"{chains.Count} duplicates expected, found {count}");
    }

    /// <summary>Every item that hangs on no other is one node's.</summary>
    public void Items(ReadOnlySpan<int> itemOf, int items)
    {
        bool[] taken = new bool[items];
        for (int node = 0; node < itemOf.Length; node++)
        {
            int item = itemOf[node];
            if ((uint)item >= (uint)items || _hangs[item] || taken[item])
                throw reader.Fault(At(HnswFile.Items, node), $"an item that no other node has and no duplicate expected, found {item}");
            taken[item] = true;
        }
    }

    /// <summary>Links lead to nodes of their layer, and rows end as they should.</summary>
    public void Links(HnswGraph graph)
    {
        ReadOnlySpan<byte> all = levels.Span;
        for (int node = 0; node < all.Length; node++)
        {
            Row(graph.Ground, node, HnswFile.Ground, 0);
            for (int layer = 1; layer <= all[node]; layer++)
                Row(graph.Upper, graph.RowOf(layer, node), HnswFile.Upper, layer);
        }
    }

    private void Row(LinkTable table, long row, string section, int layer)
    {
        int* links = table.Row(row);
        ReadOnlySpan<byte> all = levels.Span;
        bool ended = false;
        for (int i = 0; i < table.Stride; i++)
        {
            int link = links[i];
            if (link == LinkTable.None)
                ended = true;
            else if (ended || i >= table.Capacity || !IsNode(link) || all[link] < layer)
                throw reader.Fault(
                    At(section, (row * table.Stride) + i), $"a node of layer {layer} or the row's end expected, found {link}");
        }
    }

    private long At(string section, long number) => reader.OffsetOf(section) + (number * sizeof(int));

    private bool IsNode(int node) => (uint)node < (uint)levels.Length;
}
