namespace KernelPolicy.Kernels;

/// <summary>
/// Exact draws from the softmax policy π(a) ∝ e^{f_a/T} at the cost of about √P items instead of P: noise for the head, and for as many tail
/// items as can win (Mussmann, Levy, Ermon, UAI 2017, arXiv 1707.03372, algorithm 1).
/// </summary>
/// <remarks>
/// <para>φ = f/T. Each head item gets Gumbel noise. Let B be the N-th best φ + G of the head, S = (least retrieved score + gap)/T. A
/// tail item with φ ≤ S comes before B only if G &gt; B − S; the number that do is Binomial(|T|, 1 − exp(−e^{S−B})), they are
/// a uniform sample of T, and their noise is Gumbel noise given G &gt; B − S. The N best of both are the N best of all: one draw from the
/// policy for N = 1, else N draws without replacement in the order of Plackett and Luce.</para>
/// <para>Guarantee: the law is exactly that (up to double rounding and 2^52 different uniform numbers), for any head, if no item of
/// the tail scores above the least retrieved score + gap. An exact top K satisfies it with gap 0, ties included; an index that
/// misses an item by at most the gap, with that gap. An item m that is missed by more is drawn too seldom:
/// for N = 1 with the chance e^{φ_m} / (e^{φ_m} + Z_T' + Z_H e^{φ_m − S}) in place of e^{φ_m}/Z, T' being the rest of the tail; the
/// shortfall goes to the others. Such an item, if scored, is a witness: it is counted, and still takes part.</para>
/// <para>Cost: K noises, and on average at most e^{gap/T} |T| (H_K − H_{K−N}) ≈ e^{gap/T} |T| N/K tail items, H the harmonic numbers and
/// K what is left of the head; that much for a flat policy, next to none for a sharp one. K ≈ √(N·P) balances both. Where the head
/// has fewer than N items the whole tail is scored.</para>
/// <para>Scores of the tail are by <see cref="RowScores"/>, of the head as they were given: the policy is that of these scores. The same
/// random numbers and input give the same draw, bit for bit, at one vector width. Not thread-safe: one a worker, no locks; allocates
/// nothing after construction.</para>
/// </remarks>
public sealed unsafe class LazyGumbel
{
    private const int AtOnce = 256;

    private readonly TailSampler _sampler;
    private readonly int[] _block = new int[AtOnce];
    private readonly float[] _scores = new float[AtOnce];

    /// <summary>Makes room.</summary>
    /// <param name="tailCapacity">Tail items up to which a sample is drawn at random rather than by a walk over the catalogue, at least
    /// 1; many times P·N/K. It changes cost and which items a request draws, not the law.</param>
    /// <exception cref="ArgumentOutOfRangeException">The capacity is less than 1.</exception>
    public LazyGumbel(int tailCapacity) => _sampler = new TailSampler(tailCapacity);

    /// <summary>Draws a slate.</summary>
    /// <param name="h">h, padded.</param>
    /// <param name="items">β [P, L].</param>
    /// <param name="allowed">What may be shown, over the same P.</param>
    /// <param name="head">Head and tail.</param>
    /// <param name="gap">How far above the least retrieved score a missed item may score, in units of f; at least 0.</param>
    /// <param name="draws">The request's random numbers.</param>
    /// <param name="slate">Receives up to N items, first drawn first; N at least 1.</param>
    /// <exception cref="ArgumentException">The slate is empty, the gap is out of range, or the set is over other items.</exception>
    public LazyGumbelReport Draw<TSet>(
        float* h, Matrix items, in TSet allowed, CandidateHead head, double gap, in ExplorationDraws draws, Span<PerturbedItem> slate)
        where TSet : struct, IItemSet
    {
        ArgumentNullException.ThrowIfNull(items);
        ArgumentNullException.ThrowIfNull(head);
        if (slate.IsEmpty)
            throw new ArgumentException("There is no place to draw for; a slate has at least 1.", nameof(slate));
        if (!(gap >= 0 && double.IsFinite(gap)))
            throw new ArgumentOutOfRangeException(nameof(gap), gap, "The gap must be at least 0 and finite.");
        if (allowed.Items != items.Rows)
            throw new ArgumentException($"The set is over {allowed.Items} items, the catalogue holds {items.Rows}.", nameof(allowed));
        int count = PerturbHead(head, draws.HeadNoise, slate);
        if (head.Outside == 0)
            return new LazyGumbelReport(count, 0, 0);

        double bound = head.LeastRetrieved + gap;
        double threshold = count < slate.Length ? double.NegativeInfinity : slate[^1].Value - (bound * head.InverseTemperature);
        double exceedance = Gumbel.Exceedance(threshold);
        DrawSequence counts = new(draws.TailCount), noise = new(draws.TailNoise);
        int tail = BinomialSampler.Draw(head.Outside, exceedance, ref counts), missed = 0;
        _sampler.Begin(allowed, head, tail, draws.TailItems);
        for (int n = _sampler.Next(allowed, head, _block); n > 0; n = _sampler.Next(allowed, head, _block))
        {
            RowScores.Gather(h, items, _block.AsSpan(0, n), _scores);
            for (int i = 0; i < n; i++)
            {
                float score = _scores[i];
                int item = _block[i];
                double value = (score * head.InverseTemperature) + Gumbel.Above(noise.Next(), exceedance);
                Offer(slate, ref count, new PerturbedItem(item, score, value, -1));
                if (CandidateHead.Exceeds(score, bound, h, items.RowPointer(item), items.Stride))
                    missed++;
            }
        }

        return new LazyGumbelReport(count, tail, missed);
    }

    private static int PerturbHead(CandidateHead head, in RandomDraws draws, Span<PerturbedItem> slate)
    {
        ReadOnlySpan<double> logits = head.Logits;
        DrawSequence noise = new(draws);
        int count = 0;
        for (int k = 0; k < logits.Length; k++)
        {
            double value = logits[k] + Gumbel.FromBits(noise.Next());
            if (count < slate.Length || value >= slate[^1].Value)
                Offer(slate, ref count, new PerturbedItem(head.Items[k], head.Scores[k], value, k));
        }

        return count;
    }

    /// <summary>Keeps the best, largest first; of equal ones the smaller item.</summary>
    private static void Offer(Span<PerturbedItem> slate, ref int count, in PerturbedItem item)
    {
        int place = count;
        if (count < slate.Length)
            count++;
        else if (IsBefore(item, slate[^1]))
            place = count - 1;
        else
            return;
        for (; place > 0 && IsBefore(item, slate[place - 1]); place--)
            slate[place] = slate[place - 1];
        slate[place] = item;
    }

    private static bool IsBefore(in PerturbedItem a, in PerturbedItem b) =>
        a.Value > b.Value || (a.Value == b.Value && a.Item < b.Item);
}
