using KernelPolicy.Kernels;

namespace KernelPolicy.Distributed;

/// <summary>What rows of items of a catalogue leave to one shard: its own items, by their numbers there, in the same order.</summary>
internal static class ShardRows
{
    /// <summary>The part of a shard.</summary>
    /// <param name="count">Rows.</param>
    /// <param name="row">The items of a row.</param>
    /// <param name="shard">Whose items remain.</param>
    public static SparseRows Of(int count, Func<int, ReadOnlySpan<int>> row, ItemShard shard)
    {
        long[] offsets = new long[count + 1];
        for (int i = 0; i < count; i++)
        {
            int own = 0;
            foreach (int item in row(i))
                own += shard.Contains(item) ? 1 : 0;
            offsets[i + 1] = offsets[i] + own;
        }

        int[] items = new int[offsets[^1]];
        int at = 0;
        for (int i = 0; i < count; i++)
        {
            foreach (int item in row(i))
            {
                if (shard.Contains(item))
                    items[at++] = item - shard.First;
            }
        }

        return new SparseRows(offsets, items);
    }

    /// <summary>Throws where a row names an item that is not in the catalogue.</summary>
    /// <exception cref="ArgumentException">It does.</exception>
    public static void Check(SparseRows rows, int catalogue, string what, string name)
    {
        foreach (int item in rows.Items)
        {
            if ((uint)item >= (uint)catalogue)
                throw new ArgumentException($"{what} item {item}; items are 0 to {catalogue - 1}.", name);
        }
    }
}
