using KernelPolicy.Kernels;

namespace KernelPolicy.Data;

/// <summary>Which interactions of the training users the embedding may see.</summary>
public enum EmbeddingSource
{
    /// <summary>X, the histories alone.</summary>
    Histories = 0,

    /// <summary>X and Y, all that the training users did, as the authors' code does.</summary>
    HistoriesAndRewarded,
}

/// <summary>The user × item matrix of which the embedding is made.</summary>
public static class TrainingMatrix
{
    /// <summary>One row a training user, rising item numbers. Histories alone are given as they are, not copied.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The source is neither of the two.</exception>
    public static SparseRows Build(SplitPart train, EmbeddingSource source)
    {
        ArgumentNullException.ThrowIfNull(train);
        if (!Enum.IsDefined(source))
            throw new ArgumentOutOfRangeException(nameof(source), source, "Give Histories or HistoriesAndRewarded.");
        if (source == EmbeddingSource.Histories)
            return train.Histories;
        long[] offsets = new long[train.Count + 1];
        int[] items = new int[train.Histories.ItemCount + train.Rewarded.ItemCount];
        for (int user = 0; user < train.Count; user++)
        {
            ReadOnlySpan<int> x = train.Histories[user];
            ReadOnlySpan<int> y = train.Rewarded[user];
            offsets[user + 1] = offsets[user] + x.Length + y.Length;
            Span<int> row = items.AsSpan((int)offsets[user], x.Length + y.Length);
            x.CopyTo(row);
            y.CopyTo(row[x.Length..]);
            row.Sort();
        }

        return new SparseRows(offsets, items);
    }
}
