using System.CommandLine;
using KernelPolicy.Index;

namespace KernelPolicy.Cli.Options;

/// <summary>Which index finds the items with the largest scores.</summary>
/// <param name="Kind">auto, exact or hnsw.</param>
/// <param name="Metric">What the links are chosen by (hnsw).</param>
/// <param name="M">Links an item (hnsw).</param>
/// <param name="EfConstruction">Candidates kept while building (hnsw).</param>
/// <param name="EfSearch">Candidates kept while searching (hnsw).</param>
/// <param name="EfSearchIsGiven">Whether they were asked for, and not left to the default.</param>
internal sealed record IndexChoice(string Kind, HnswMetric Metric, int M, int EfConstruction, int EfSearch, bool EfSearchIsGiven);

/// <summary>Options on the index.</summary>
internal sealed class IndexOptionSet : OptionSet<IndexChoice>
{
    private readonly Option<string> _kind = OptionFactory.Choice(
        "--index", "How the best items are found: exact scores them all, hnsw searches a graph; auto takes hnsw for large catalogues.",
        "auto", "exact", "hnsw");

    private readonly Option<string> _metric = OptionFactory.Choice(
        "--hnsw-metric", "What the graph's links are chosen by; automatic tries each on a sample and says why it chose.",
        "automatic", "norm-augmented", "inner-product", "euclidean", "angular");

    private readonly Option<int> _m = OptionFactory.Number(
        "--hnsw-m", "Links an item is given; more cost memory and win recall.", 32, 2, 512);

    private readonly Option<int> _efConstruction = OptionFactory.Number(
        "--ef-construction", "Candidates kept while the graph is built; more cost time and win recall.", 100, 1, 1 << 20);

    private readonly Option<int> _efSearch = OptionFactory.Number(
        "--ef-search", "Candidates kept while the graph is searched, at least K; more cost time and win recall.", 64, 1, 1 << 20);

    /// <inheritdoc/>
    public override IEnumerable<Option> All => [_kind, _metric, _m, _efConstruction, _efSearch];

    /// <inheritdoc/>
    public override IndexChoice Bind(ParseResult parsed) => new(
        parsed.GetRequiredValue(_kind),
        Enum.Parse<HnswMetric>(parsed.GetRequiredValue(_metric).Replace("-", "", StringComparison.Ordinal), ignoreCase: true),
        parsed.GetRequiredValue(_m),
        parsed.GetRequiredValue(_efConstruction),
        parsed.GetRequiredValue(_efSearch),
        parsed.GetResult(_efSearch) is { Implicit: false });
}
