using System.CommandLine;
using KernelPolicy.Cli.Options;
using KernelPolicy.Cli.Pipeline;
using KernelPolicy.Data;

namespace KernelPolicy.Cli.Commands;

/// <summary>A synthetic log of decisions, as asked for.</summary>
/// <param name="Problem">Contexts, items, rewards and the logging policy.</param>
/// <param name="Decisions">N.</param>
/// <param name="Seed">Names all draws.</param>
/// <param name="File">Where to write the log.</param>
/// <param name="ItemFile">Where to write the items' true features; null for nowhere.</param>
/// <param name="Output">How results are shown.</param>
internal sealed record GenerateLogRequest(
    SyntheticBanditOptions Problem, int Decisions, ulong Seed, string File, string? ItemFile, OutputChoice Output);

/// <summary>All options of a synthetic log of decisions. Defaults are the library's.</summary>
internal sealed class GenerateLogOptionSet : OptionSet<GenerateLogRequest>
{
    private static readonly SyntheticBanditOptions Usual = new();

    private readonly SeedOptionSet _seed = new();
    private readonly OutputOptionSet _output = new();

    private readonly Option<string> _out = new("--out")
    {
        Description = "File to write, .csv or .tsv, with .gz to compress it.",
        HelpName = "FILE",
        Required = true,
    };

    private readonly Option<string?> _items = OptionFactory.Text(
        "--item-features-out", "CSV file to write the items' true features to, for --item-features of train-log.", "FILE");

    private readonly Option<int> _decisions = OptionFactory.Number(
        "--decisions", "Decisions, N.", SyntheticLog.Decisions, 1, int.MaxValue);

    private readonly Option<int> _catalogue = OptionFactory.Number("--items", "Items in the catalogue, P.", Usual.Items, 2, int.MaxValue);

    private readonly Option<int> _contexts = OptionFactory.Number(
        "--contexts", "Contexts that there are; a decision meets one of them.", Usual.Contexts, 1, int.MaxValue);

    private readonly Option<int> _dimension = OptionFactory.Number(
        "--dim", "Features of a context and of an item.", Usual.Dimension, 1, 4096);

    private readonly Option<double> _offset = OptionFactory.Number(
        "--reward-offset", "b in the reward's probability σ(b + s x·β): at -6 rewards are sparse, at -1 moderate.", Usual.RewardOffset, -50.0, 50.0);

    private readonly Option<double> _scale = OptionFactory.Number(
        "--reward-scale", "s in the reward's probability: how much items differ.", Usual.RewardScale, 0.0, 50.0);

    private readonly Option<double> _temperature = OptionFactory.Number(
        "--temperature", "Temperature of the logging policy: low is sharp.", Usual.Temperature, 0.01, 1e6);

    private readonly Option<double> _floor = OptionFactory.Number(
        "--uniform-floor", "Share of decisions that the logging policy makes evenly.", Usual.UniformFloor, 0.0, 1.0);

    private readonly Option<double> _correlation = OptionFactory.Number(
        "--logging-correlation", "How much the logging policy knows of what earns rewards, from -1 to 1.", Usual.LoggingCorrelation, -1.0, 1.0);

    /// <inheritdoc/>
    public override IEnumerable<Option> All =>
    [
        _out, _items, _decisions, _catalogue, _contexts, _dimension, _offset, _scale, _temperature, _floor, _correlation, .. _seed.All,
        .. _output.All,
    ];

    /// <inheritdoc/>
    public override GenerateLogRequest Bind(ParseResult parsed)
    {
        ulong seed = _seed.Bind(parsed);
        SyntheticBanditOptions problem = SyntheticLog.Problem(seed) with
        {
            Items = parsed.GetRequiredValue(_catalogue),
            Contexts = parsed.GetRequiredValue(_contexts),
            Dimension = parsed.GetRequiredValue(_dimension),
            RewardOffset = parsed.GetRequiredValue(_offset),
            RewardScale = parsed.GetRequiredValue(_scale),
            Temperature = parsed.GetRequiredValue(_temperature),
            UniformFloor = parsed.GetRequiredValue(_floor),
            LoggingCorrelation = parsed.GetRequiredValue(_correlation),
        };
        string file = parsed.GetRequiredValue(_out);
        string plain = file.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? file[..^3] : file;
        if (Path.GetExtension(plain).ToUpperInvariant() is not (".CSV" or ".TSV"))
            throw new ArgumentException($"--out is '{file}'; its extension must be .csv or .tsv, with .gz to compress it.");
        return new GenerateLogRequest(
            problem, parsed.GetRequiredValue(_decisions), seed, file, parsed.GetValue(_items), _output.Bind(parsed));
    }
}
