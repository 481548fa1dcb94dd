namespace KernelPolicy.Distributed;

/// <summary>How long steps and epochs take where contexts, or items, are spread over machines: computed from what one machine takes and what
/// the network does.</summary>
/// <remarks>
/// <para>All machines are alike, and none is late. A context costs the same in a batch of any size. Thread-safe.</para>
/// <para>Contexts spread: each machine has all items and B contexts of its own a step; the sum of the gradients, [L, L] and some few numbers, is
/// made while the top K of the next batch are retrieved.</para>
/// <para>Items spread: each machine has P / n items, and all work on the same B contexts; rows [B, 2 L + 2] are joined while nothing else can
/// be done, and the sum of the next x [B, L] while this batch is computed. The rest of a context is counted as if a machine had all items,
/// though it draws for its own part alone: the model is above what there is to be measured.</para>
/// </remarks>
public sealed class SpreadModel
{
    // Numbers beside the gradient, statistics and times of ranks, go in rows of as many: a few hundred bytes.
    private const int GradientWidth = 64;
    private const int NumbersBeside = 15;

    private const int LargestBatch = 1 << 24;

    private readonly LinkModel _link;

    /// <summary>Describes a training.</summary>
    /// <param name="link">The network.</param>
    /// <param name="ranks">n, machines.</param>
    /// <param name="dimension">L.</param>
    public SpreadModel(LinkModel link, int ranks, int dimension)
    {
        ArgumentNullException.ThrowIfNull(link);
        ArgumentOutOfRangeException.ThrowIfLessThan(ranks, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(dimension, 1);
        (_link, Ranks, Dimension) = (link, ranks, dimension);
    }

    /// <summary>n.</summary>
    public int Ranks { get; }

    /// <summary>L.</summary>
    public int Dimension { get; }

    /// <summary>Rows of the table of 64 columns that holds a gradient and the numbers beside it.</summary>
    public int GradientRows => checked(((Dimension * Dimension) + NumbersBeside + Ranks + GradientWidth - 1) / GradientWidth);

    /// <summary>Bytes that a step sends over the network where contexts are spread, all machines together.</summary>
    public long ContextsSpreadBytes => RankReduction.TotalBytes(Ranks, GradientRows, GradientWidth);

    /// <summary>A step where contexts are spread.</summary>
    /// <param name="cost">Of a context, on a machine that has all P items.</param>
    /// <param name="batchSize">B, contexts of one machine.</param>
    public SpreadStep ContextsSpread(ContextCost cost, int batchSize)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        double communication = _link.ReductionSeconds(Ranks, GradientRows, GradientWidth);
        return new SpreadStep(
            (double)Ranks * batchSize, batchSize * cost.Seconds, communication, Math.Max(0, communication - (batchSize * cost.RetrievalSeconds)));
    }

    /// <summary>Bytes that a step sends over the network where items are spread, all machines together.</summary>
    /// <param name="batchSize">B, contexts of all.</param>
    public long ItemsSpreadBytes(int batchSize) =>
        RankReduction.TotalBytes(Ranks, batchSize, JoinedWidth) + RankReduction.TotalBytes(Ranks, batchSize, Dimension);

    /// <summary>A step where items are spread.</summary>
    /// <param name="cost">Of a context, on a machine that has P / n items.</param>
    /// <param name="batchSize">B, contexts of all.</param>
    public SpreadStep ItemsSpread(ContextCost cost, int batchSize)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        double compute = batchSize * cost.Seconds;
        double joined = _link.ReductionSeconds(Ranks, batchSize, JoinedWidth), contexts = _link.ReductionSeconds(Ranks, batchSize, Dimension);
        return new SpreadStep(batchSize, compute, joined + contexts, joined + Math.Max(0, contexts - compute));
    }

    /// <summary>The smallest batch at which a machine waits for less than a share of a step; null where none is that large.</summary>
    /// <param name="step">The step at a batch size: <see cref="ContextsSpread"/> or <see cref="ItemsSpread"/>.</param>
    /// <param name="share">The share, in (0, 1).</param>
    /// <remarks>Found by doubling and halving: larger batches are taken to wait for no larger share.</remarks>
    public static int? BatchSizeBelow(Func<int, SpreadStep> step, double share)
    {
        ArgumentNullException.ThrowIfNull(step);
        if (!(share is > 0 and < 1))
            throw new ArgumentOutOfRangeException(nameof(share), share, "The share must lie within 0 and 1.");
        int enough = 1;
        while (step(enough).WaitingShare >= share)
        {
            if (enough >= LargestBatch)
                return null;
            enough *= 2;
        }

        int tooSmall = enough / 2;
        while (enough - tooSmall > 1)
        {
            int middle = tooSmall + ((enough - tooSmall) / 2);
            if (step(middle).WaitingShare < share)
                enough = middle;
            else
                tooSmall = middle;
        }

        return enough;
    }

    private int JoinedWidth => (2 * Dimension) + 2;
}
