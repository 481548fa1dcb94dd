using KernelPolicy.Kernels;

namespace KernelPolicy.IndexComparison.Datasets;

/// <summary>
/// A synthetic catalogue: β_a = n_a · unit(c + g), with c the unit centre of the item's cluster, g Gaussian noise of norm
/// about 1 and n_a of a Pareto distribution.
/// </summary>
/// <remarks>
/// <para>√P clusters, their sizes Pareto with shape 1.5: a few large ones and many small. Norms have Pareto shape 3, and
/// are so uneven as popularity makes those of learned embeddings: it is what inner-product search suffers from.</para>
/// <para>Draws are named by (seed, purpose, item): the same data at any number of threads.</para>
/// </remarks>
internal sealed class GaussianMixture : IParallelWork
{
    private const int ItemsPerPiece = 4096;
    private const double ClusterShape = 1.5;
    private const double NormShape = 3;
    private const long CentreStep = 40;
    private const long ClusterStep = 41;
    private const long NoiseStep = 42;
    private const long NormStep = 43;

    private readonly ulong _seed;
    private readonly float[][] _centres;
    private readonly int[] _clusterOf;

    private GaussianMixture(int items, int dimension, ulong seed)
    {
        _seed = seed;
        Items = new Matrix(items, dimension);
        int clusters = (int)Math.Round(Math.Sqrt(items));
        _centres = new float[clusters][];
        double[] cumulative = new double[clusters];
        double total = 0;
        for (int cluster = 0; cluster < clusters; cluster++)
        {
            float[] centre = _centres[cluster] = new float[dimension];
            Normals.Fill(new RandomDraws(seed, RandomPurpose.Synthetic, CentreStep, cluster), centre);
            Normals.Scale(centre, 1 / Normals.Length(centre));
            total += Math.Pow((cluster + 0.5) / clusters, -1 / ClusterShape);
            cumulative[cluster] = total;
        }

        _clusterOf = new int[items];
        Members = [.. Enumerable.Range(0, clusters).Select(_ => new List<int>())];
        RandomDraws draws = new(seed, RandomPurpose.Synthetic, ClusterStep, 0);
        for (int item = 0; item < items; item++)
        {
            int place = Array.BinarySearch(cumulative, draws.Uniform((uint)item) * total);
            int cluster = Math.Min(place < 0 ? ~place : place, clusters - 1);
            _clusterOf[item] = cluster;
            Members[cluster].Add(item);
        }
    }

    /// <summary>β [P, L].</summary>
    public Matrix Items { get; }

    /// <summary>The items of each cluster.</summary>
    public IReadOnlyList<List<int>> Members { get; }

    /// <summary>The cluster of an item.</summary>
    public int ClusterOf(int item) => _clusterOf[item];

    /// <summary>Draws a catalogue; the caller disposes its items.</summary>
    public static GaussianMixture Create(int items, int dimension, ulong seed, WorkerTeam team)
    {
        GaussianMixture mixture = new(items, dimension, seed);
        team.Run(mixture, (items + ItemsPerPiece - 1) / ItemsPerPiece);
        return mixture;
    }

    /// <inheritdoc/>
    public void Execute(int index, int worker)
    {
        int end = Math.Min((index + 1) * ItemsPerPiece, _clusterOf.Length);
        RandomDraws norms = new(_seed, RandomPurpose.Synthetic, NormStep, 0);
        for (int item = index * ItemsPerPiece; item < end; item++)
        {
            Span<float> row = Items.Row(item);
            Normals.Fill(new RandomDraws(_seed, RandomPurpose.Synthetic, NoiseStep, item), row);
            Normals.Scale(row, 1 / Math.Sqrt(row.Length));
            float[] centre = _centres[_clusterOf[item]];
            for (int j = 0; j < row.Length; j++)
                row[j] += centre[j];
            double norm = Math.Pow(1 - norms.Uniform((uint)item), -1 / NormShape);
            Normals.Scale(row, norm / Normals.Length(row));
        }
    }
}
