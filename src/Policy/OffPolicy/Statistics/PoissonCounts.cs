using KernelPolicy.Kernels;

namespace KernelPolicy.Policy;

/// <summary>How often each row occurs in a bootstrap replicate: Poisson(1) counts, four from each block of random
/// words.</summary>
/// <remarks>Resampling N rows with replacement gives counts that are Poisson(1) but for their sum N; estimators that are
/// ratios of sums do not need the sum fixed (Hanley and MacGibbon 2006; Chamandy et al., Google 2012), and a count needs no
/// other row: rows stream by. Inverse distribution function at 32 bits: the error of a probability is below 2⁻³².</remarks>
internal static class PoissonCounts
{
    private const byte Ambiguous = 255;
    private const int Bits = 12;

    /// <summary>P(count ≤ k) in units of 2⁻³².</summary>
    private static readonly uint[] Limits = MakeLimits();

    /// <summary>The count of each value of the first 12 bits, where they decide it.</summary>
    private static readonly byte[] Table = MakeTable();

    /// <summary>Writes the counts of consecutive rows.</summary>
    /// <param name="draws">The draws of the replicate; row i takes 32 bits of its block i/4.</param>
    /// <param name="firstRow">First row, a multiple of 4.</param>
    /// <param name="counts">Receives a count a row.</param>
    /// <returns>The sum of the counts.</returns>
    public static double Fill(RandomDraws draws, int firstRow, Span<double> counts)
    {
        int sum = 0;
        for (int i = 0; i < counts.Length; i += 4)
        {
            (ulong even, ulong odd) = draws.Pair((uint)(firstRow + i) / 4);
            int left = Math.Min(4, counts.Length - i);
            for (int j = 0; j < left; j++)
            {
                int count = Count((uint)((j < 2 ? even : odd) >> (32 * (j & 1))));
                counts[i + j] = count;
                sum += count;
            }
        }

        return sum;
    }

    private static int Count(uint word)
    {
        byte known = Table[word >> (32 - Bits)];
        return known != Ambiguous ? known : Search(word);
    }

    private static int Search(uint word)
    {
        int count = 0;
        while (count < Limits.Length && word >= Limits[count])
            count++;
        return count;
    }

    private static uint[] MakeLimits()
    {
        var limits = new List<uint>();
        double term = Math.Exp(-1), sum = term;
        for (int k = 1; sum * 4294967296.0 < uint.MaxValue; k++)
        {
            limits.Add((uint)(sum * 4294967296.0));
            term /= k;
            sum += term;
        }

        return [.. limits];
    }

    private static byte[] MakeTable()
    {
        var table = new byte[1 << Bits];
        for (uint i = 0; i < table.Length; i++)
        {
            int least = Search(i << (32 - Bits)), most = Search((i << (32 - Bits)) | ((1u << (32 - Bits)) - 1));
            table[i] = least == most ? (byte)least : Ambiguous;
        }

        return table;
    }
}
