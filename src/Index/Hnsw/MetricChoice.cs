using System.Globalization;
using KernelPolicy.Kernels;

namespace KernelPolicy.Index;

/// <summary>What one metric did on the sample.</summary>
/// <param name="Metric">The metric.</param>
/// <param name="Recall">Share of the exact top K found, averaged over K = 10 and K = 100 of the sample.</param>
/// <param name="ScoredNodes">Nodes that a query scores on its walk, on average, without those swept first: the work.</param>
/// <param name="Unreachable">Share of the sample's nodes that no path reached before the repair.</param>
public readonly record struct MetricTrial(HnswMetric Metric, double Recall, double ScoredNodes, double Unreachable)
{
    // Below this, a miss is luck of the sample.
    private const double LeastMiss = 1e-3;

    /// <summary>Misses that the metric would have at one node scored a query: misses · work^1.5, since a search twice as
    /// wide misses about a third. Smaller is better.</summary>
    public double Merit => Math.Max(1 - Recall, LeastMiss) * Math.Pow(ScoredNodes, 1.5);
}

/// <summary>
/// The choice of a graph's metric: a graph by each metric over a random sample of the catalogue, searched with queries such
/// as will be asked, and held against the exact answers.
/// </summary>
/// <remarks>Deterministic: it depends on items, options, queries and seed alone.</remarks>
public sealed class MetricChoice
{
    private const int LeastSample = 5_000;
    private const int LargestSample = 20_000;
    private const int ItemsOverSample = 20;
    private const int Queries = 200;
    private const int HistoryLength = 5;
    private const int SampleStep = 3;
    private const int QueryStep = 4;

    /// <summary>By how much another metric must beat the first to be taken in its place. A graph by inner product loses
    /// reach as the catalogue grows: of Gowalla's items 3 % are out of reach in a sample of 5,000 and 28 % of all; what wins
    /// narrowly on a sample loses on the whole.</summary>
    private const double ClearWin = 1.5;

    // The Euclidean distance as it is does within a thousandth what the norm-augmented one does: it is not tried.
    private static readonly HnswMetric[] _metrics = [HnswMetric.NormAugmented, HnswMetric.InnerProduct, HnswMetric.Angular];

    private MetricChoice(int sample, double normVariation, IReadOnlyList<MetricTrial> trials)
    {
        Sample = sample;
        NormVariation = normVariation;
        Trials = trials;
        MetricTrial best = trials.MinBy(trial => trial.Merit);
        Chosen = best.Merit * ClearWin < trials[0].Merit ? best.Metric : trials[0].Metric;
    }

    /// <summary>Items in the sample.</summary>
    public int Sample { get; }

    /// <summary>Coefficient of variation of the sample's norms.</summary>
    public double NormVariation { get; }

    /// <summary>What each metric did.</summary>
    public IReadOnlyList<MetricTrial> Trials { get; }

    /// <summary>The metric of least misses for its work, or the norm-augmented one where none beats it clearly.</summary>
    public HnswMetric Chosen { get; }

    /// <summary>What was chosen and why, in a sentence.</summary>
    public override string ToString()
    {
        IEnumerable<string> trials = Trials.Select(trial => string.Create(
            CultureInfo.InvariantCulture,
            $"{trial.Metric} recall {trial.Recall:0.000} for {trial.ScoredNodes:0} scored ({trial.Unreachable:P1} out of reach before repair)"));
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{Chosen}, by its misses for the work on {Sample} sampled items, whose norms vary by {NormVariation:0.00} of their mean: {string.Join(", ", trials)}");
    }

    internal static MetricChoice Make(
        Matrix items, HnswOptions options, Matrix? sampleQueries, WorkerTeam team, CancellationToken cancellation)
    {
        using Matrix sample = Sampled(items, options.Seed);
        using Matrix queries = sampleQueries is null ? Means(sample, options.Seed) : Some(sampleQueries);
        double variation = ItemNorms.Of(sample, team).Variation;
        List<MetricTrial> trials = [];
        foreach (HnswMetric metric in _metrics)
        {
            cancellation.ThrowIfCancellationRequested();
            trials.Add(Try(sample, queries, options with { Metric = metric }, team, cancellation));
        }

        return new MetricChoice((int)sample.Rows, variation, trials);
    }

    private static MetricTrial Try(Matrix sample, Matrix queries, HnswOptions options, WorkerTeam team, CancellationToken cancellation)
    {
        // Narrow on purpose: where every metric finds everything, none shows what it is worth.
        using HnswIndex graph = HnswIndex.Build(sample, options with { EfSearch = 10 }, team, null, cancellation);
        using ExactIndex exact = new(sample);
        int count = (int)queries.Rows;
        double recall = 0;
        int[] ks = [(int)Math.Min(10, sample.Rows), (int)Math.Min(100, sample.Rows)];
        foreach (int k in ks)
            recall += new RecallAudit(count, k).Measure(graph, exact, queries, count, k, team).Recall / ks.Length;
        double scored = (double)graph.ScoredNodes / (ks.Length * count);
        return new MetricTrial(options.Metric, recall, scored, (double)graph.Report.Unreachable / sample.Rows);
    }

    private static Matrix Sampled(Matrix items, ulong seed)
    {
        int count = (int)Math.Min(items.Rows, Math.Clamp(items.Rows / ItemsOverSample, LeastSample, LargestSample));
        int[] chosen = [.. Enumerable.Range(0, (int)items.Rows)];
        if (count < chosen.Length)
        {
            new RandomDraws(seed, RandomPurpose.Index, SampleStep, 0).Shuffle(chosen);
            Array.Resize(ref chosen, count);
            Array.Sort(chosen);
        }

        Matrix sample = new(count, items.Columns);
        for (int i = 0; i < count; i++)
            items.Row(chosen[i]).CopyTo(sample.Row(i));
        return sample;
    }

    private static Matrix Means(Matrix sample, ulong seed)
    {
        Matrix queries = new(Queries, sample.Columns);
        for (int query = 0; query < Queries; query++)
        {
            RandomDraws draws = new(seed, RandomPurpose.Index, QueryStep, query);
            Span<float> row = queries.Row(query);
            for (int i = 0; i < HistoryLength; i++)
            {
                Span<float> item = sample.Row(draws.Below((uint)i, (int)sample.Rows));
                for (int l = 0; l < row.Length; l++)
                    row[l] += item[l] / HistoryLength;
            }
        }

        return queries;
    }

    private static Matrix Some(Matrix queries)
    {
        int count = (int)Math.Min(queries.Rows, Queries);
        Matrix some = new(count, queries.Columns);
        for (int i = 0; i < count; i++)
            queries.Row(i * queries.Rows / count).CopyTo(some.Row(i));
        return some;
    }
}
