using System.Runtime.CompilerServices;

namespace KernelPolicy.Kernels;

/// <summary>What a sequence of random draws is for; part of the counter, so that no two uses share a draw.</summary>
public enum RandomPurpose : byte
{
    /// <summary>Which items an estimator samples.</summary>
    Proposal = 0,

    /// <summary>The order of contexts within an epoch.</summary>
    EpochOrder = 1,

    /// <summary>First values of Θ.</summary>
    Initialisation = 2,

    /// <summary>Splits of users and of their items.</summary>
    Split = 3,

    /// <summary>Test matrix of the randomised SVD.</summary>
    RangeFinder = 4,

    /// <summary>Synthetic catalogues.</summary>
    Synthetic = 5,

    /// <summary>Levels of the HNSW graph.</summary>
    Index = 6,

    /// <summary>Samples taken for audits.</summary>
    Audit = 7,

    /// <summary>Items that the contexts of a batch sample together.</summary>
    SharedTail = 8,

    /// <summary>Tails of the normaliser Ẑ in off-policy evaluation.</summary>
    Evaluation = 9,

    /// <summary>Resampled rows of the bootstrap.</summary>
    Bootstrap = 10,

    /// <summary>Items drawn from the policy while it serves, and tails of their propensities.</summary>
    Exploration = 11,
}

/// <summary>
/// The draws of one (seed, purpose, step, context): draw d is a pure function of d, whoever asks and in whatever order.
/// </summary>
/// <remarks>
/// Counter words: c0 = draw / 2, c1 = context, c2 = low half of step, c3 = purpose in the top byte over bits 32 to 55 of
/// step. Key = seed. Draw d takes words 0 and 1 of its block where d is even, 2 and 3 where it is odd.
/// </remarks>
public readonly struct RandomDraws(ulong seed, RandomPurpose purpose, long step, int context)
{
    private const double TwoToMinus53 = 1.0 / (1UL << 53);

    private readonly uint _key0 = (uint)seed;
    private readonly uint _key1 = (uint)(seed >> 32);
    private readonly uint _c1 = (uint)context;
    private readonly uint _c2 = (uint)step;
    private readonly uint _c3 = ((uint)purpose << 24) | ((uint)(step >> 32) & 0xFFFFFF);

    /// <summary>Draws 2·<paramref name="pair"/> and 2·<paramref name="pair"/> + 1, 64 bits each.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public (ulong Even, ulong Odd) Pair(uint pair)
    {
        (uint w0, uint w1, uint w2, uint w3) = Philox.Block(pair, _c1, _c2, _c3, _key0, _key1);
        return (w0 | ((ulong)w1 << 32), w2 | ((ulong)w3 << 32));
    }

    /// <summary>Draw <paramref name="draw"/> as 64 bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong Bits(uint draw)
    {
        (ulong even, ulong odd) = Pair(draw >> 1);
        return (draw & 1) == 0 ? even : odd;
    }

    /// <summary>Draw <paramref name="draw"/> as a number in [0, 1).</summary>
    public double Uniform(uint draw) => ToUnit(Bits(draw));

    /// <summary>Draw <paramref name="draw"/> as an integer in [0, <paramref name="bound"/>).</summary>
    public int Below(uint draw, int bound) => ToBelow(Bits(draw), bound);

    /// <summary>A standard normal number from pair <paramref name="pair"/> of draws (Box and Muller).</summary>
    public double Normal(uint pair)
    {
        (ulong a, ulong b) = Pair(pair);
        double radius = Math.Sqrt(-2 * Math.Log(1 - ToUnit(a)));
        return radius * Math.Cos(2 * Math.PI * ToUnit(b));
    }

    /// <summary>64 bits as a number in [0, 1) with 53 bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double ToUnit(ulong bits) => (bits >> 11) * TwoToMinus53;

    /// <summary>64 bits as an integer in [0, bound); the bias is at most bound / 2^64.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int ToBelow(ulong bits, int bound) => (int)Math.BigMul(bits, (ulong)bound, out _);

    /// <summary>Shuffles a list in place (Fisher and Yates), one draw an element.</summary>
    public void Shuffle(Span<int> list)
    {
        for (int i = list.Length - 1; i > 0; i--)
        {
            int j = Below((uint)i, i + 1);
            (list[i], list[j]) = (list[j], list[i]);
        }
    }
}
