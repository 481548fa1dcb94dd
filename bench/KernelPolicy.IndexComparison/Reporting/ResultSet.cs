using KernelPolicy.IndexComparison.Datasets;
using KernelPolicy.IndexComparison.Measuring;

namespace KernelPolicy.IndexComparison.Reporting;

/// <summary>All measurements of a run, with the datasets they were made on.</summary>
internal sealed class ResultSet
{
    /// <summary>Our graph with its defaults.</summary>
    public const string Ours = "kernelpolicy";

    /// <summary>Our exact scan.</summary>
    public const string Exact = "exact";

    private readonly List<Measurement> _all;

    private ResultSet(List<Measurement> all, IReadOnlyList<DatasetMeta> datasets) => (_all, Datasets) = (all, datasets);

    /// <summary>Datasets that something was measured on: real ones first, then by size.</summary>
    public IReadOnlyList<DatasetMeta> Datasets { get; }

    /// <summary>Every measurement.</summary>
    public IReadOnlyList<Measurement> All => _all;

    /// <summary>Reads the folder that bench/compare-index fills.</summary>
    public static ResultSet Read(string folder)
    {
        List<Measurement> all = [.. Directory.GetFiles(Path.Combine(folder, "results"), "*.csv").Order(StringComparer.Ordinal).SelectMany(ResultFile.Read)];
        HashSet<string> measured = [.. all.Select(m => m.Dataset)];
        IEnumerable<DatasetMeta> datasets = Directory.GetDirectories(Path.Combine(folder, "data"))
            .Where(data => measured.Contains(Path.GetFileName(data)))
            .Select(data => new DatasetFolder(data).ReadMeta())
            .OrderBy(meta => meta.Name.StartsWith("synthetic", StringComparison.Ordinal))
            .ThenBy(meta => meta.Items).ThenBy(meta => meta.Dim).ThenBy(meta => meta.Name, StringComparer.Ordinal);
        return new ResultSet(all, [.. datasets]);
    }

    /// <summary>Libraries that searched a dataset by a graph: ours first.</summary>
    public IReadOnlyList<string> Graphs(string dataset) =>
        [.. _all.Where(m => m.Dataset == dataset && m.Measure == MeasureName.Qps).Select(m => m.Library).Distinct().OrderBy(Rank).ThenBy(name => name, StringComparer.Ordinal)];

    /// <summary>The curve of a library; empty where it was not measured.</summary>
    public RecallCurve Curve(string dataset, string library, int k, int threads) => new(
        [.. Of(dataset, library, MeasureName.Qps).Where(m => m.K == k && m.Threads == threads)]);

    /// <summary>Every K and number of threads that there are curves of.</summary>
    public IReadOnlyList<(int K, int Threads)> Panels(string dataset) =>
        [.. _all.Where(m => m.Dataset == dataset && m.Measure == MeasureName.Qps).Select(m => (m.K, m.Threads)).Distinct().Order()];

    /// <summary>Measurements of one kind.</summary>
    public IEnumerable<Measurement> Of(string dataset, string library, string measure) =>
        _all.Where(m => m.Dataset == dataset && m.Library == library && m.Measure == measure);

    /// <summary>One number; NaN where there is none.</summary>
    public double Single(string dataset, string library, string measure) =>
        Of(dataset, library, measure).Select(m => m.Value).DefaultIfEmpty(double.NaN).First();

    /// <summary>What the machine can do at most: the better of the measurements before and after the others.</summary>
    public double Peak(string measure, int threads) => _all
        .Where(m => m.Dataset == "machine" && m.Measure == measure && m.Threads == threads)
        .Select(m => m.Value).DefaultIfEmpty(double.NaN).Max();

    /// <summary>Whether a library is a variant of hnswlib, the best of which is what ours is held to.</summary>
    public static bool IsHnswlib(string library) => library.StartsWith("hnswlib", StringComparison.Ordinal);

    private static int Rank(string library) =>
        library == Ours ? 0 : library.StartsWith(Ours, StringComparison.Ordinal) ? 1 : IsHnswlib(library) ? 2 : 3;
}
