namespace KernelPolicy.Kernels;

/// <summary>How the mixture's draws are divided between its two parts.</summary>
public enum MixtureSampler
{
    /// <summary>Each draw chooses its part by chance (the paper's Algorithm 1).</summary>
    Iid,

    /// <summary>Exactly ⌊εS⌋ draws are uniform, the rest come from κ (the authors' code).</summary>
    Stratified,
}

/// <summary>
/// The paper's proposal q(a) = ε/P + (1−ε) κ(a)·1[a ∈ α_K], κ the softmax of the scores over the retrieved top K, α_K:
/// draws and densities for one context at a time.
/// </summary>
/// <remarks>
/// Draw s takes two random numbers: 2s chooses the part (iid sampler only), 2s + 1 the item. A uniform draw may land in
/// α_K; its density counts both parts, and it is counted among the head, not the tail. Not thread-safe: one a worker.
/// </remarks>
public sealed class MixtureProposal
{
    private readonly int _catalogue;
    private readonly ItemLookup _lookup;
    private readonly double[] _kappa;
    private readonly double[] _cumulative;
    private readonly int[] _counts;
    private double _epsilon;
    private int _headSize;

    /// <summary>Makes a proposal over a catalogue.</summary>
    /// <param name="catalogue">P, at least 1.</param>
    /// <param name="epsilon">ε in [0, 1].</param>
    /// <param name="topK">The most items α_K may have.</param>
    /// <exception cref="ArgumentOutOfRangeException">A value is out of range.</exception>
    public MixtureProposal(int catalogue, double epsilon, int topK)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(catalogue, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(topK, 1);
        _catalogue = catalogue;
        Epsilon = epsilon;
        _lookup = new ItemLookup(topK);
        _kappa = new double[topK];
        _cumulative = new double[topK];
        _counts = new int[topK];
    }

    /// <summary>ε, which may be set anew for each context, before its draws.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is not in [0, 1].</exception>
    public double Epsilon
    {
        get => _epsilon;
        set
        {
            if (!(value is >= 0 and <= 1))
                throw new ArgumentOutOfRangeException(nameof(value), value, "ε must lie in [0, 1].");
            _epsilon = value;
        }
    }

    /// <summary>How often each item of α_K was drawn, by its position.</summary>
    public ReadOnlySpan<int> HeadCounts => _counts.AsSpan(0, _headSize);

    /// <summary>ln q of an item outside α_K.</summary>
    public double TailLogDensity => Math.Log(_epsilon / _catalogue);

    /// <summary>Takes the retrieved items α_K and their scores.</summary>
    public void SetHead(ReadOnlySpan<int> items, ReadOnlySpan<float> scores)
    {
        _headSize = items.Length;
        _lookup.Set(items);
        double maximum = double.NegativeInfinity;
        for (int k = 0; k < items.Length; k++)
            maximum = Math.Max(maximum, scores[k]);
        double total = 0;
        for (int k = 0; k < items.Length; k++)
        {
            _kappa[k] = Math.Exp(scores[k] - maximum);
            total += _kappa[k];
            _cumulative[k] = total;
        }

        for (int k = 0; k < items.Length; k++)
        {
            _kappa[k] /= total;
            _cumulative[k] /= total;
        }
    }

    /// <summary>Whether an item is in α_K.</summary>
    public bool IsInHead(int item) => _lookup.Find(item) >= 0;

    /// <summary>ln q of the item at a position of α_K.</summary>
    public double HeadLogDensity(int position) => Math.Log((_epsilon / _catalogue) + ((1 - _epsilon) * _kappa[position]));

    /// <summary>q of any item.</summary>
    public double Density(int item)
    {
        int position = _lookup.Find(item);
        return (_epsilon / _catalogue) + (position < 0 ? 0 : (1 - _epsilon) * _kappa[position]);
    }

    /// <summary>Makes S draws: those that fall in α_K are counted in <see cref="HeadCounts"/>, the others listed.</summary>
    /// <param name="draws">The sequence of this (seed, step, context).</param>
    /// <param name="samples">S.</param>
    /// <param name="sampler">How draws are divided between the parts.</param>
    /// <param name="tail">Receives the draws outside α_K, in order; room for S.</param>
    /// <returns>How many were listed.</returns>
    public int Draw(in RandomDraws draws, int samples, MixtureSampler sampler, Span<int> tail)
    {
        _counts.AsSpan(0, _headSize).Clear();
        int uniform = (int)Math.Floor(_epsilon * samples);
        int listed = 0;
        for (int s = 0; s < samples; s++)
        {
            (ulong part, ulong bits) = draws.Pair((uint)s);
            bool isUniform = sampler == MixtureSampler.Stratified ? s < uniform : RandomDraws.ToUnit(part) < _epsilon;
            if (!isUniform)
            {
                _counts[DrawHead(RandomDraws.ToUnit(bits))]++;
                continue;
            }

            int item = RandomDraws.ToBelow(bits, _catalogue);
            int position = _lookup.Find(item);
            if (position >= 0)
                _counts[position]++;
            else
                tail[listed++] = item;
        }

        return listed;
    }

    /// <summary>The first position whose cumulative κ exceeds <paramref name="unit"/>: inverse transform.</summary>
    private int DrawHead(double unit)
    {
        int low = 0, high = _headSize - 1;
        while (low < high)
        {
            int middle = (low + high) >> 1;
            if (_cumulative[middle] > unit)
                high = middle;
            else
                low = middle + 1;
        }

        return low;
    }
}
