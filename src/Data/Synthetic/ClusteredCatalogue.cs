using KernelPolicy.Kernels;

namespace KernelPolicy.Data;

/// <summary>
/// Items with Zipf popularity, each in a random cluster: the distribution of items within a cluster is their popularity
/// made to sum to 1.
/// </summary>
/// <remarks>Immutable; safe for concurrent reads.</remarks>
internal sealed class ClusteredCatalogue
{
    private const long RankStep = 0;
    private const long ClusterStep = 1;

    private readonly int[] _clusterOf;
    private readonly double[] _popularity;
    private readonly double[] _clusterTotals;
    private readonly int[] _byCluster;
    private readonly int[] _clusterStart;
    private readonly double[] _cumulative;
    private readonly double[] _clusterCumulative;

    public ClusteredCatalogue(SyntheticOptions options)
    {
        Items = options.Items;
        Clusters = options.Clusters;
        _clusterOf = new int[Items];
        _popularity = new double[Items];
        _clusterTotals = new double[Clusters];

        // A random order of ranks: item numbers say nothing about popularity.
        int[] ranks = [.. Enumerable.Range(0, Items)];
        new RandomDraws(options.Seed, RandomPurpose.Synthetic, RankStep, 0).Shuffle(ranks);
        RandomDraws clusterDraws = new(options.Seed, RandomPurpose.Synthetic, ClusterStep, 0);
        double total = 0;
        for (int item = 0; item < Items; item++)
        {
            // The first items fill each cluster once, so that none is empty.
            _clusterOf[item] = item < Clusters ? item : clusterDraws.Below((uint)item, Clusters);
            _popularity[item] = Math.Pow(ranks[item] + 1 + options.ZipfShift, -options.ZipfExponent);
            total += _popularity[item];
        }

        for (int item = 0; item < Items; item++)
        {
            _popularity[item] /= total;
            _clusterTotals[_clusterOf[item]] += _popularity[item];
        }

        _byCluster = [.. Enumerable.Range(0, Items).OrderBy(item => _clusterOf[item])];
        _clusterStart = new int[Clusters + 1];
        _cumulative = new double[Items];
        _clusterCumulative = new double[Clusters];
        double sum = 0;
        for (int i = 0; i < Items; i++)
        {
            sum += _popularity[_byCluster[i]];
            _cumulative[i] = sum;
            _clusterStart[_clusterOf[_byCluster[i]] + 1] = i + 1;
            _clusterCumulative[_clusterOf[_byCluster[i]]] = sum;
        }
    }

    public int Items { get; }

    public int Clusters { get; }

    /// <summary>Probability of an item under popularity alone.</summary>
    public double Popularity(int item) => _popularity[item];

    /// <summary>Probability of an item within its cluster.</summary>
    public double WithinCluster(int item) => _popularity[item] / _clusterTotals[_clusterOf[item]];

    /// <summary>The items of a cluster.</summary>
    public ReadOnlySpan<int> ItemsOf(int cluster) =>
        _byCluster.AsSpan(_clusterStart[cluster], _clusterStart[cluster + 1] - _clusterStart[cluster]);

    /// <summary>A cluster drawn by the popularity of its items together.</summary>
    public int DrawCluster(double uniform) =>
        InverseTransform.FirstAbove(_clusterCumulative, uniform * _clusterCumulative[^1]);

    /// <summary>An item drawn by popularity alone.</summary>
    public int DrawItem(double uniform) => _byCluster[InverseTransform.FirstAbove(_cumulative, uniform * _cumulative[^1])];

    /// <summary>An item of a cluster drawn by popularity.</summary>
    public int DrawItem(int cluster, double uniform)
    {
        int start = _clusterStart[cluster];
        int end = _clusterStart[cluster + 1];
        double below = start == 0 ? 0 : _cumulative[start - 1];
        double value = below + (uniform * (_cumulative[end - 1] - below));
        return _byCluster[start + InverseTransform.FirstAbove(_cumulative.AsSpan(start, end - start), value)];
    }
}
