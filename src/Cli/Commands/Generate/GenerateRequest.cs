using System.CommandLine;
using KernelPolicy.Cli.Options;
using KernelPolicy.Data;

namespace KernelPolicy.Cli.Commands;

/// <summary>A synthetic log, as asked for.</summary>
/// <param name="Log">Its shape.</param>
/// <param name="File">Where to write it.</param>
/// <param name="Output">How results are shown.</param>
internal sealed record GenerateRequest(SyntheticOptions Log, string File, OutputChoice Output);

/// <summary>All options of a synthetic log. Defaults are the library's.</summary>
internal sealed class GenerateOptionSet : OptionSet<GenerateRequest>
{
    private static readonly SyntheticOptions Usual = new();

    private readonly SeedOptionSet _seed = new();
    private readonly OutputOptionSet _output = new();

    private readonly Option<string> _out = new("--out")
    {
        Description = "File to write; its extension says how: .csv, .tsv, .inter or .sessions, with .gz to compress it.",
        HelpName = "FILE",
        Required = true,
    };

    private readonly Option<int> _items = OptionFactory.Number("--items", "Items in the catalogue.", Usual.Items, 10, int.MaxValue);

    private readonly Option<int> _users = OptionFactory.Number("--users", "Users.", Usual.Users, 10, int.MaxValue);

    private readonly Option<int> _clusters = OptionFactory.Number(
        "--clusters", "Latent clusters of items.", Usual.Clusters, 1, int.MaxValue);

    private readonly Option<int> _clustersPerUser = OptionFactory.Number(
        "--clusters-per-user", "Most clusters that a user likes.", Usual.ClustersPerUser, 1, int.MaxValue);

    private readonly Option<double> _meanDraws = OptionFactory.Number(
        "--mean-draws", "Mean number of draws a user; repeats collapse.", Usual.MeanDraws, 5, 500);

    private readonly Option<double> _background = OptionFactory.Number(
        "--background", "Share of draws that follow popularity alone.", Usual.BackgroundShare, 0.0, 1.0);

    private readonly Option<double> _exponent = OptionFactory.Number(
        "--zipf-exponent", "How steeply popularity falls.", Usual.ZipfExponent, 0.0, 10.0);

    /// <inheritdoc/>
    public override IEnumerable<Option> All =>
    [
        _out, _items, _users, _clusters, _clustersPerUser, _meanDraws, _background, _exponent, .. _seed.All, .. _output.All,
    ];

    /// <inheritdoc/>
    public override GenerateRequest Bind(ParseResult parsed)
    {
        string file = parsed.GetRequiredValue(_out);
        InteractionWriter.Check(file);
        SyntheticOptions log = Usual with
        {
            Items = parsed.GetRequiredValue(_items),
            Users = parsed.GetRequiredValue(_users),
            Clusters = parsed.GetRequiredValue(_clusters),
            ClustersPerUser = parsed.GetRequiredValue(_clustersPerUser),
            MeanDraws = parsed.GetRequiredValue(_meanDraws),
            BackgroundShare = parsed.GetRequiredValue(_background),
            ZipfExponent = parsed.GetRequiredValue(_exponent),
            Seed = _seed.Bind(parsed),
        };
        return new GenerateRequest(log, file, _output.Bind(parsed));
    }
}
