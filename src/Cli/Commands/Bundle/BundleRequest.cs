using System.CommandLine;
using KernelPolicy.Cli.Options;
using KernelPolicy.Distributed;
using KernelPolicy.Policy;

namespace KernelPolicy.Cli.Commands;

/// <summary>A bundle, as asked for.</summary>
/// <param name="Policy">Folder of a training, or a policy.</param>
/// <param name="File">Where the bundle is to be written; null for model.kpolicy beside the policy.</param>
/// <param name="Shards">Files that the items are parted into; null for one bundle of all.</param>
/// <param name="Items">What it holds of the items.</param>
/// <param name="Index">How the graph is built where the training has none, and how widely it searches.</param>
/// <param name="Threads">Threads.</param>
/// <param name="Output">How results are shown.</param>
internal sealed record BundleRequest(
    string Policy, string? File, int? Shards, BundleItems Items, IndexChoice Index, int Threads, OutputChoice Output);

/// <summary>All options of bundles.</summary>
internal sealed class BundleOptionSet : OptionSet<BundleRequest>
{
    private readonly PolicyOptionSet _policy = new();
    private readonly IndexOptionSet _index = new();
    private readonly ThreadOptionSet _threads = new();
    private readonly OutputOptionSet _output = new();

    private readonly Option<string?> _file = OptionFactory.Text(
        "--out", "File to write; model.kpolicy in the folder of the policy where none is given.", "FILE");

    private readonly Option<int?> _shards = OptionFactory.OptionalNumber(
        "--shards", "Files to part the items into, each with a graph of its own, for as many machines: model.00-of-04.kpolicy and so on.",
        1, ShardPlace.MostShards);

    private readonly Option<bool> _codesOnly = OptionFactory.Switch(
        "--codes-only", "Hold the items in one byte a number and not their vectors: less than half the file, for services that only recommend.");

    /// <inheritdoc/>
    public override IEnumerable<Option> All => [.. _policy.All, _file, _shards, _codesOnly, .. _index.All, .. _threads.All, .. _output.All];

    /// <inheritdoc/>
    public override BundleRequest Bind(ParseResult parsed)
    {
        IndexChoice index = _index.Bind(parsed);
        if (index.Kind == "exact")
            throw new ArgumentException("A bundle searches a graph: leave out --index exact.");
        return new BundleRequest(
            _policy.Bind(parsed), parsed.GetValue(_file), parsed.GetValue(_shards), parsed.GetValue(_codesOnly) ? BundleItems.Codes : BundleItems.Vectors,
            index with { Kind = "hnsw" }, _threads.Bind(parsed), _output.Bind(parsed));
    }
}
