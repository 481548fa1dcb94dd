using System.Numerics;
using KernelPolicy.Kernels;

namespace KernelPolicy.Tests.Estimators;

/// <summary>
/// Which items the estimators draw, written out from what they document: draws of a context are named by (seed, step,
/// context); bits b of 64 choose item ⌊b·P / 2^64⌋, or by inverse transform the first whose cumulative probability
/// exceeds ⌊b / 2^11⌋ / 2^53.
/// </summary>
internal static class DrawRules
{
    /// <summary>S uniform draws: draw s gives item s.</summary>
    public static int[] Uniform(ulong seed, long step, int context, int catalogue, int samples) =>
        [.. Enumerable.Range(0, samples).Select(s => Below(Bits(seed, step, context, s), catalogue))];

    /// <summary>
    /// S draws of the mixture. Draw 2s chooses the part: uniform where it lies below ε (iid), or where s &lt; ⌊εS⌋
    /// (stratified). Draw 2s + 1 chooses the item: of the catalogue, or of the head by κ, which is in the head's order.
    /// </summary>
    public static int[] Mixture(
        ulong seed, long step, int context, int catalogue, int samples,
        double epsilon, MixtureSampler sampler, int[] head, double[] kappa)
    {
        int[] items = new int[samples];
        for (int s = 0; s < samples; s++)
        {
            bool uniform = sampler == MixtureSampler.Stratified
                ? s < Math.Floor(epsilon * samples)
                : Unit(Bits(seed, step, context, 2 * s)) < epsilon;
            ulong bits = Bits(seed, step, context, (2 * s) + 1);
            items[s] = uniform ? Below(bits, catalogue) : head[Inverse(kappa, Unit(bits)).Position];
        }

        return items;
    }

    /// <summary>Draw s of π by inverse transform, with its distance from the nearest step of the cumulative sum: nearer
    /// than the rounding of that sum, either neighbour is right.</summary>
    public static (int Item, double Margin) FromPolicy(ulong seed, long step, int context, int s, double[] pi)
    {
        (int position, double margin) = Inverse(pi, Unit(Bits(seed, step, context, s)));
        return (position, margin);
    }

    private static (int Position, double Margin) Inverse(double[] shares, double unit)
    {
        double below = 0;
        for (int i = 0; i < shares.Length; i++)
        {
            double above = below + shares[i];
            if (above > unit || i == shares.Length - 1)
                return (i, Math.Min(unit - below, above - unit));
            below = above;
        }

        throw new ArgumentException("There are no shares.", nameof(shares));
    }

    private static ulong Bits(ulong seed, long step, int context, int draw) =>
        new RandomDraws(seed, RandomPurpose.Proposal, step, context).Bits((uint)draw);

    private static int Below(ulong bits, int bound) => (int)((new BigInteger(bits) * bound) >> 64);

    private static double Unit(ulong bits) => (bits / 2048) * Math.Pow(2, -53);
}
