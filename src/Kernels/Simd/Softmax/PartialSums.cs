using System.Runtime.InteropServices;

namespace KernelPolicy.Kernels;

/// <summary>
/// Running sums of a range of items for one panel of queries, a query a lane: a reference m near the maximum of the scores
/// so far, Σ e^{f−m} [W], Σ r e^{f−m} [W], Σ e^{f−m} β [L, W] and, with rewards, Σ r e^{f−m} β [L, W].
/// </summary>
/// <remarks>Scores may pass m by <see cref="Slack"/>; beyond, m becomes the maximum and the sums are scaled down, so that no
/// exponential overflows. With m the maximum itself, nearly every block raises it for one of 32 queries, and the scaling
/// goes through all sums.</remarks>
internal readonly unsafe struct PartialSums
{
    /// <summary>How far a score may lie above m: weights stay below e^8, sums of 2^31 of them below 10^13.</summary>
    private const float Slack = 8;

    private readonly int _dimension;
    private readonly int _width;
    private readonly bool _rewarded;

    private PartialSums(float* memory, int dimension, int width, bool rewarded)
    {
        (_dimension, _width, _rewarded) = (dimension, width, rewarded);
        Reference = memory;
    }

    /// <summary>m [W]; −∞ before the first item.</summary>
    public float* Reference { get; }

    /// <summary>Σ e^{f−m} [W].</summary>
    public float* Weight => Reference + _width;

    /// <summary>Σ r e^{f−m} [W].</summary>
    public float* Reward => Reference + (2 * _width);

    /// <summary>Σ e^{f−m} β [L, W].</summary>
    public float* Item => Reference + (3 * _width);

    /// <summary>Σ r e^{f−m} β [L, W]; not there without rewards.</summary>
    public float* RewardedItem => Item + ((long)_dimension * _width);

    /// <summary>Floats that the sums take.</summary>
    public static long Floats(int dimension, int width, bool rewarded) => (3L + ((rewarded ? 2L : 1L) * dimension)) * width;

    /// <summary>The sums that lie at an address.</summary>
    public static PartialSums At(float* memory, int dimension, int width, bool rewarded) => new(memory, dimension, width, rewarded);

    /// <summary>Starts anew.</summary>
    public void Clear()
    {
        NativeMemory.Clear(Reference, (nuint)(Floats(_dimension, _width, _rewarded) * sizeof(float)));
        new Span<float>(Reference, _width).Fill(float.NegativeInfinity);
    }

    /// <summary>Takes a block of scores [block, W] into m and Σ e^{f−m}, and turns each score into e^{f−m}.</summary>
    public void Exponentiate<TIsa, TVector>(float* scores, int block)
        where TIsa : struct, IVectorIsa<TVector>
        where TVector : struct
    {
        int w = TIsa.Count;
        TVector old0 = TIsa.Load(Reference), old1 = TIsa.Load(Reference + w), slack = TIsa.Broadcast(Slack);
        TVector m0 = old0, m1 = old1;
        for (int row = 0; row < block; row++)
        {
            m0 = TIsa.Max(m0, TIsa.Load(scores + (row * 2 * w)));
            m1 = TIsa.Max(m1, TIsa.Load(scores + (row * 2 * w) + w));
        }

        uint all = (1u << w) - 1;
        if ((TIsa.GreaterOrEqualMask(TIsa.Add(old0, slack), m0) & TIsa.GreaterOrEqualMask(TIsa.Add(old1, slack), m1)) == all)
        {
            (m0, m1) = (old0, old1);
        }
        else
        {
            Rescale<TIsa, TVector>(
                VectorMath.Exp<TIsa, TVector>(TIsa.Subtract(old0, m0)), VectorMath.Exp<TIsa, TVector>(TIsa.Subtract(old1, m1)));
            TIsa.Store(m0, Reference);
            TIsa.Store(m1, Reference + w);
        }

        TVector sum0 = TIsa.Zero, sum1 = TIsa.Zero;
        for (int row = 0; row < block; row++, scores += 2 * w)
        {
            TVector e0 = VectorMath.Exp<TIsa, TVector>(TIsa.Subtract(TIsa.Load(scores), m0));
            TVector e1 = VectorMath.Exp<TIsa, TVector>(TIsa.Subtract(TIsa.Load(scores + w), m1));
            TIsa.Store(e0, scores);
            TIsa.Store(e1, scores + w);
            sum0 = TIsa.Add(sum0, e0);
            sum1 = TIsa.Add(sum1, e1);
        }

        TIsa.Store(TIsa.Add(TIsa.Load(Weight), sum0), Weight);
        TIsa.Store(TIsa.Add(TIsa.Load(Weight + w), sum1), Weight + w);
    }

    /// <summary>Adds a block of r·e^{f−m} [block, W] to Σ r e^{f−m}.</summary>
    public void AddRewards<TIsa, TVector>(float* rewarded, int block)
        where TIsa : struct, IVectorIsa<TVector>
        where TVector : struct
    {
        int w = TIsa.Count;
        TVector sum0 = TIsa.Load(Reward), sum1 = TIsa.Load(Reward + w);
        for (int row = 0; row < block; row++, rewarded += 2 * w)
        {
            sum0 = TIsa.Add(sum0, TIsa.Load(rewarded));
            sum1 = TIsa.Add(sum1, TIsa.Load(rewarded + w));
        }

        TIsa.Store(sum0, Reward);
        TIsa.Store(sum1, Reward + w);
    }

    private void Rescale<TIsa, TVector>(TVector scale0, TVector scale1)
        where TIsa : struct, IVectorIsa<TVector>
        where TVector : struct
    {
        int w = TIsa.Count;
        for (float* sum = Weight; sum < Reference + Floats(_dimension, _width, _rewarded); sum += 2 * w)
        {
            TIsa.Store(TIsa.Multiply(TIsa.Load(sum), scale0), sum);
            TIsa.Store(TIsa.Multiply(TIsa.Load(sum + w), scale1), sum + w);
        }
    }
}
