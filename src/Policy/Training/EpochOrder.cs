using KernelPolicy.Kernels;

namespace KernelPolicy.Policy;

/// <summary>The order of a training's contexts in each epoch, and which of its places are a step's batch.</summary>
/// <param name="contexts">N, at least 1.</param>
/// <param name="batchSize">B, at least 1; the last batch of an epoch has what is left.</param>
/// <param name="seed">Seed of the training.</param>
/// <remarks>The order is a function of (seed, epoch). Not thread-safe.</remarks>
internal sealed class EpochOrder(int contexts, int batchSize, ulong seed)
{
    private readonly int[] _order = new int[contexts];

    /// <summary>Steps in an epoch.</summary>
    public long Steps => ((long)contexts + batchSize - 1) / batchSize;

    /// <summary>Every context once, as the epoch takes them; overwritten by the next call.</summary>
    /// <param name="epoch">Its number, from 0.</param>
    public ReadOnlySpan<int> Of(int epoch)
    {
        for (int i = 0; i < contexts; i++)
            _order[i] = i;
        new RandomDraws(seed, RandomPurpose.EpochOrder, epoch, 0).Shuffle(_order);
        return _order;
    }

    /// <summary>The first place and the number of contexts of a step, counted from the training's first.</summary>
    public (long First, int Count) Batch(long step)
    {
        long first = step % Steps * batchSize;
        return (first, (int)Math.Min(batchSize, contexts - first));
    }
}
