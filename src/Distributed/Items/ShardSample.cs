using KernelPolicy.Kernels;
using KernelPolicy.Policy;

namespace KernelPolicy.Distributed;

/// <summary>Rows of a problem over shards as one process would have them: those of β come from the rank that has them, and contexts are made of
/// them there and then.</summary>
/// <remarks>Collective. For a few rows: it allocates.</remarks>
internal sealed class ShardSample(ICommunicator communicator, ItemShard shard, Matrix ownItems, IContextSource contexts) : IProblemSample
{
    private const int MostRows = 256;

    /// <inheritdoc/>
    public void FillItems(ReadOnlySpan<int> items, Matrix rows)
    {
        if (items.IsEmpty)
            return;
        using RankUnion union = new(communicator, Math.Min(MostRows, items.Length), ownItems.Columns);
        for (int first = 0; first < items.Length; first += union.Rows)
        {
            int count = Math.Min(union.Rows, items.Length - first);
            for (int i = 0; i < count; i++)
            {
                int item = items[first + i];
                if (shard.Contains(item))
                    ownItems.Row(item - shard.First).CopyTo(union.Own(i));
                else
                    union.Own(i).Clear();
            }

            union.Run();
            for (int i = 0; i < count; i++)
                union.Joined(i).CopyTo(rows.Row(first + i));
        }
    }

    /// <inheritdoc/>
    public void FillContexts(ReadOnlySpan<int> chosen, Matrix rows)
    {
        for (int i = 0; i < chosen.Length; i++)
        {
            if (contexts is ShardedHistoryContexts { Histories: { } histories })
                Fill(histories[chosen[i]], rows, i);
            else
                contexts.Fill(chosen[i], rows, i);
        }
    }

    private void Fill(ReadOnlySpan<int> history, Matrix rows, int row)
    {
        using Matrix items = new(history.Length, ownItems.Columns);
        FillItems(history, items);
        SparseRows all = new([0, history.Length], [.. Enumerable.Range(0, history.Length)]);
        new HistoryContexts(all, items).Fill(0, rows, row);
    }
}
