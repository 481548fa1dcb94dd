using System.Numerics;

namespace KernelPolicy.Tests.Reference;

/// <summary>
/// The draws that a (seed, step, context) names, by the documented layout of counters: draw d is half (d mod 2) of block
/// ⌊d/2⌋ of Philox4x32-10 with counter (⌊d/2⌋, context, low half of step, bits 32 to 55 of step) and key = seed. Source:
/// algorithm.md; remarks of RandomDraws.
/// </summary>
internal sealed class Draws(ulong seed, long step, int context)
{
    /// <summary>Draw d in [0, 1): its upper 53 bits.</summary>
    public double Unit(int d) => (double)(Bits(d) >> 11) / Math.Pow(2, 53);

    /// <summary>Draw d in [0, bound): ⌊bits · bound / 2^64⌋.</summary>
    public int Below(int d, int bound) => (int)(new BigInteger(Bits(d)) * bound / (BigInteger.One << 64));

    /// <summary>S uniform items.</summary>
    public int[] Uniform(int samples, int catalogue) =>
        [.. Enumerable.Range(0, samples).Select(s => Below(s, catalogue))];

    /// <summary>S items from π, by its inverse cumulative sum in the order of the items.</summary>
    public int[] FromPolicy(int samples, double[] pi) =>
        [.. Enumerable.Range(0, samples).Select(s => Inverse(pi, Unit(s)))];

    /// <summary>
    /// S items from the mixture. Random number 2s chooses the part of draw s (iid: uniform where it is below ε;
    /// stratified: the first ⌊εS⌋ are uniform), number 2s + 1 the item: over the catalogue, or over the head, best first,
    /// by the inverse cumulative sum of κ.
    /// </summary>
    public int[] Mixture(int samples, double[] f, int[] head, double epsilon, bool stratified)
    {
        double[] kappa = Softmax.Weights([.. head.Select(a => f[a])]);
        int[] items = new int[samples];
        for (int s = 0; s < samples; s++)
        {
            bool uniform = stratified ? s < Math.Floor(epsilon * samples) : Unit(2 * s) < epsilon;
            items[s] = uniform ? Below((2 * s) + 1, f.Length) : head[Inverse(kappa, Unit((2 * s) + 1))];
        }

        return items;
    }

    private static int Inverse(double[] weights, double unit)
    {
        double sum = 0;
        for (int i = 0; i < weights.Length; i++)
        {
            sum += weights[i];
            if (sum > unit)
                return i;
        }

        return weights.Length - 1;
    }

    private ulong Bits(int d)
    {
        uint[] words = PhiloxWords.Block(
            [(uint)(d / 2), (uint)context, (uint)(step % (1L << 32)), (uint)(step >> 32)],
            [(uint)(seed % (1UL << 32)), (uint)(seed >> 32)]);
        return words[d % 2 * 2] + ((ulong)words[(d % 2 * 2) + 1] << 32);
    }
}
