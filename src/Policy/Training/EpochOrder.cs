using KernelPolicy.Kernels;

namespace KernelPolicy.Policy;

/// <summary>The order of a training's contexts in each epoch, and which of its places are a step's batch: B contexts of every share, as
/// far as there are, those of one share after those of another.</summary>
/// <param name="shares">The contexts.</param>
/// <param name="batchSize">B, contexts of a share in a step, at least 1; the last batch of an epoch has what is left.</param>
/// <param name="seed">Seed of the training.</param>
/// <remarks>The order of a share is a function of (seed, epoch, share), whoever holds it. Not thread-safe.</remarks>
internal sealed class EpochOrder(ContextShares shares, int batchSize, ulong seed)
{
    private readonly int[] _order = new int[shares.Count];
    private readonly int[] _shuffled = new int[shares.Own.Count > 1 ? shares.SizeOf(0) : 0];

    /// <summary>S.</summary>
    public int Shares => shares.Shares;

    /// <summary>Steps in an epoch, the same for all who hold a share.</summary>
    public long Steps => StepsOf(shares, batchSize);

    /// <summary>Every context that is held once, as the epoch takes them; overwritten by the next call.</summary>
    /// <param name="epoch">Its number, from 0.</param>
    public ReadOnlySpan<int> Of(int epoch)
    {
        if (shares.Own.Count == 1)
        {
            Shuffle(epoch, 0, _order);
            return _order;
        }

        for (int own = 0; own < shares.Own.Count; own++)
        {
            Span<int> shuffled = _shuffled.AsSpan(0, shares.SizeOf(shares.Own[own]));
            Shuffle(epoch, own, shuffled);
            for (int first = 0, step = 0; first < shuffled.Length; first += batchSize, step++)
            {
                Span<int> block = shuffled.Slice(first, Math.Min(batchSize, shuffled.Length - first));
                block.CopyTo(_order.AsSpan((int)Before(step, own)));
            }
        }

        return _order;
    }

    /// <summary>The first place and the number of contexts of a step, counted from the training's first.</summary>
    public (long First, int Count) Batch(long step)
    {
        step %= Steps;
        long first = Before(step, 0);
        return (first, (int)(Before(step + 1, 0) - first));
    }

    /// <summary>Lets a training go on whose contexts were in other shares: from the same part of its epoch, as near as steps come to it. It
    /// may meet some contexts of that epoch once more and others not.</summary>
    /// <param name="state">Where it stands, by its own steps; then by these.</param>
    /// <param name="itemsHash">What the items are known by: contexts in other shares have no hash in common.</param>
    /// <returns>Whether they were in other shares.</returns>
    /// <exception cref="InvalidDataException">They were, and the items are others.</exception>
    public bool Adopt(TrainingState state, ulong itemsHash)
    {
        if (state.Shares == Shares)
            return false;
        if (state.ItemsHash != 0 && state.ItemsHash != itemsHash)
            throw new InvalidDataException("The checkpoint belongs to a training of other items: go on with the same data and --dim.");
        long steps = StepsOf(new ContextShares(shares.Total, state.Shares), batchSize);
        state.Step = Scale(state.Step);
        // Audits are known by their steps.
        state.Audits = [.. state.Audits.Select(audit => audit with { Step = Scale(audit.Step) })];
        state.GradientAudits = [.. state.GradientAudits.Select(audit => audit with { Step = Scale(audit.Step) })];
        (state.Shares, state.ItemsHash) = (Shares, itemsHash);
        return true;

        long Scale(long step) => (step / steps * Steps) + (long)((double)(step % steps) / steps * Steps);
    }

    // Places of the steps before, and in this step of the shares before.
    private long Before(long step, int own)
    {
        long before = 0;
        for (int i = 0; i < shares.Own.Count; i++)
            before += Math.Min((step + (i < own ? 1 : 0)) * batchSize, shares.SizeOf(shares.Own[i]));
        return before;
    }

    private static long StepsOf(ContextShares shares, int batchSize) => ((long)shares.SizeOf(0) + batchSize - 1) / batchSize;

    private void Shuffle(int epoch, int own, Span<int> order)
    {
        for (int i = 0; i < order.Length; i++)
            order[i] = shares.StartOf(own) + i;
        new RandomDraws(seed, RandomPurpose.EpochOrder, epoch, shares.Own[own]).Shuffle(order);
    }
}
