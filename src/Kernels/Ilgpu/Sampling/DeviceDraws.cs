namespace KernelPolicy.Kernels.Ilgpu;

/// <summary>
/// The project's draws (<see cref="RandomDraws"/>, <see cref="Philox"/>) as kernels make them: the same source, hence the
/// same numbers, on every path.
/// </summary>
internal static class DeviceDraws
{
    /// <summary>Draws 2·pair and 2·pair + 1 of an estimator's sequence for one context, 64 bits each.</summary>
    public static (ulong Even, ulong Odd) Pair(ulong seed, long step, int context, int pair) =>
        Pair(seed, RandomPurpose.Proposal, step, context, pair);

    /// <summary>Draw <paramref name="draw"/> of a sequence as an integer in [0, bound).</summary>
    public static int Below(ulong seed, RandomPurpose purpose, long step, int context, int draw, int bound)
    {
        (ulong even, ulong odd) = Pair(seed, purpose, step, context, draw >> 1);
        return Below((draw & 1) == 0 ? even : odd, bound);
    }

    /// <summary>64 bits as an integer in [0, bound): <see cref="RandomDraws.ToBelow"/>, whose product of 128 bits no device
    /// has. Here it is made of two halves, whose sum fits since bound is below 2^31.</summary>
    public static int Below(ulong bits, int bound)
    {
        ulong low = (bits & 0xFFFFFFFFUL) * (ulong)bound;
        ulong high = (bits >> 32) * (ulong)bound;
        return (int)((high + (low >> 32)) >> 32);
    }

    /// <summary>64 bits as a number in [0, 1) with 53 bits.</summary>
    public static double Unit(ulong bits) => (bits >> 11) * (1.0 / (1UL << 53));

    private static (ulong Even, ulong Odd) Pair(ulong seed, RandomPurpose purpose, long step, int context, int pair)
    {
        (uint w0, uint w1, uint w2, uint w3) = Philox.Block(
            (uint)pair, (uint)context, (uint)step, ((uint)purpose << 24) | ((uint)(step >> 32) & 0xFFFFFF), (uint)seed, (uint)(seed >> 32));
        return (w0 | ((ulong)w1 << 32), w2 | ((ulong)w3 << 32));
    }
}
