using KernelPolicy.Kernels;

namespace KernelPolicy.Data;

/// <summary>The items of a <see cref="SyntheticWorkload"/>: β = norm(rank) · unit(centre of the cluster + noise).</summary>
internal sealed class WorkloadItems : IParallelWork
{
    private const int SlotsPerPiece = 4096;
    private const int ItemsPerClusterAimedAt = 200;
    private const int MostClusters = 4096;
    private const long OrderStep = 16;
    private const long CentreStep = 17;
    private const long NoiseStep = 18;

    // Norms spread like those of VΣ at L = 64 on Gowalla: coefficient of variation 1.4 (there 1.3), 99th percentile 10
    // medians (there 8), the largest 27 (there 65).
    private const double MedianNorm = 0.65;
    private const double NormExponent = 0.6;
    private const float NoiseShare = 0.7f;

    private readonly int[] _itemAt;
    private readonly float[] _centres;
    private readonly ulong _seed;

    private WorkloadItems(Matrix factors, int[] itemAt, int clusters, ulong seed)
    {
        Factors = factors;
        Clusters = clusters;
        _itemAt = itemAt;
        _seed = seed;
        _centres = new float[clusters * factors.Columns];
        for (int cluster = 0; cluster < clusters; cluster++)
        {
            Span<float> centre = _centres.AsSpan(cluster * factors.Columns, factors.Columns);
            FillNormal(new RandomDraws(seed, RandomPurpose.Synthetic, CentreStep, cluster), centre);
            Scale(centre, 1 / Norm(centre));
        }
    }

    /// <summary>β [P, L].</summary>
    public Matrix Factors { get; }

    public int Clusters { get; }

    /// <summary>Most items of any cluster: ranks are below it, except that the last rank is missing in some.</summary>
    public int Ranks => (_itemAt.Length + Clusters - 1) / Clusters;

    public static WorkloadItems Create(int items, int dimension, ulong seed, WorkerTeam team)
    {
        int clusters = Math.Clamp(items / ItemsPerClusterAimedAt, 1, MostClusters);
        int[] itemAt = new int[items];
        for (int i = 0; i < items; i++)
            itemAt[i] = i;
        new RandomDraws(seed, RandomPurpose.Synthetic, OrderStep, 0).Shuffle(itemAt);
        WorkloadItems work = new(new Matrix(items, dimension), itemAt, clusters, seed);
        team.Run(work, (items + SlotsPerPiece - 1) / SlotsPerPiece);
        return work;
    }

    /// <summary>The item of a cluster with a given rank of popularity, from 0; −1 where the cluster has no such rank.</summary>
    public int ItemAt(int cluster, int rank)
    {
        long slot = ((long)rank * Clusters) + cluster;
        return slot < _itemAt.Length ? _itemAt[slot] : -1;
    }

    /// <inheritdoc/>
    public void Execute(int index, int worker)
    {
        int end = Math.Min((index + 1) * SlotsPerPiece, _itemAt.Length);
        for (int slot = index * SlotsPerPiece; slot < end; slot++)
        {
            Span<float> row = Factors.Row(_itemAt[slot]);
            FillNormal(new RandomDraws(_seed, RandomPurpose.Synthetic, NoiseStep, slot), row);
            ReadOnlySpan<float> centre = _centres.AsSpan(slot % Clusters * row.Length, row.Length);
            float noise = NoiseShare / MathF.Sqrt(row.Length);
            for (int j = 0; j < row.Length; j++)
                row[j] = centre[j] + (noise * row[j]);
            double rank = (slot / Clusters) + 0.5;
            double norm = MedianNorm * Math.Pow(2 * rank / Ranks, -NormExponent);
            Scale(row, (float)norm / Norm(row));
        }
    }

    /// <summary>Fills with nearly normal numbers of variance 1: sums of four 16-bit uniform numbers, two a draw's
    /// block. A tenth of the cost of exact ones, and no logarithm.</summary>
    private static void FillNormal(RandomDraws draws, Span<float> values)
    {
        // A sum of four uniform integers below 2^16 has mean 2·(2^16 − 1) and variance 4·(2^32 − 1)/12.
        const float Mean = 2f * 65535f;
        float scale = 1 / MathF.Sqrt(4294967295f / 3);
        for (int j = 0; j < values.Length; j += 2)
        {
            (ulong even, ulong odd) = draws.Pair((uint)(j / 2));
            values[j] = (SumOfFour(even) - Mean) * scale;
            if (j + 1 < values.Length)
                values[j + 1] = (SumOfFour(odd) - Mean) * scale;
        }
    }

    private static int SumOfFour(ulong bits) =>
        (int)((bits & 0xFFFF) + ((bits >> 16) & 0xFFFF) + ((bits >> 32) & 0xFFFF) + (bits >> 48));

    private static float Norm(ReadOnlySpan<float> values)
    {
        double sum = 0;
        foreach (float value in values)
            sum += (double)value * value;
        return (float)Math.Sqrt(Math.Max(sum, 1e-30));
    }

    private static void Scale(Span<float> values, float factor)
    {
        foreach (ref float value in values)
            value *= factor;
    }
}
