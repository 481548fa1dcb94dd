using System.CommandLine;
using KernelPolicy.Cli.Options;
using KernelPolicy.Policy;

namespace KernelPolicy.Cli.Commands;

/// <summary>A measurement, as asked for.</summary>
/// <param name="Items">P.</param>
/// <param name="Dimension">L.</param>
/// <param name="BatchSize">B.</param>
/// <param name="Steps">Steps to measure.</param>
/// <param name="Estimator">How gradients are estimated.</param>
/// <param name="Index">Which index is asked.</param>
/// <param name="Device">Where steps run.</param>
/// <param name="Profile">Whether each kernel of a device is timed by itself.</param>
/// <param name="Threads">Threads.</param>
/// <param name="Seed">Seed of all draws.</param>
/// <param name="Output">How results are shown.</param>
internal sealed record BenchRequest(
    int Items,
    int Dimension,
    int BatchSize,
    int Steps,
    EstimatorOptions Estimator,
    IndexChoice Index,
    DeviceChoice Device,
    bool Profile,
    int Threads,
    ulong Seed,
    OutputChoice Output);

/// <summary>All options of a measurement.</summary>
internal sealed class BenchOptionSet : OptionSet<BenchRequest>
{
    private readonly EstimatorOptionSet _estimator = new();
    private readonly IndexOptionSet _index = new();
    private readonly DeviceOptionSet _device = new();
    private readonly ThreadOptionSet _threads = new();
    private readonly SeedOptionSet _seed = new();
    private readonly OutputOptionSet _output = new();

    private readonly Option<int> _items = OptionFactory.Number(
        "--items", "Items in the catalogue, P.", 750_000, 1000, 1 << 30);

    private readonly Option<int> _dimension = OptionFactory.Number("--dim", "Dimensions of the item embeddings, L.", 100, 1, 4096);

    private readonly Option<int> _batchSize = OptionFactory.Number("--batch-size", "Users a step, B.", 32, 1, 1 << 16);

    private readonly Option<int> _steps = OptionFactory.Number("--steps", "Steps to measure, after some to warm up.", 50, 1, 1_000_000);

    private readonly Option<bool> _profile = OptionFactory.Switch(
        "--profile", "Also time each kernel of a device by itself, in further steps.");

    /// <inheritdoc/>
    public override IEnumerable<Option> All =>
    [
        _items, _dimension, _batchSize, _steps, .. _estimator.All, .. _index.All, .. _device.All, _profile, .. _threads.All, .. _seed.All,
        .. _output.All,
    ];

    /// <inheritdoc/>
    public override BenchRequest Bind(ParseResult parsed) => new(
        parsed.GetRequiredValue(_items),
        parsed.GetRequiredValue(_dimension),
        parsed.GetRequiredValue(_batchSize),
        parsed.GetRequiredValue(_steps),
        _estimator.Bind(parsed),
        _index.Bind(parsed),
        _device.Bind(parsed),
        parsed.GetValue(_profile),
        _threads.Bind(parsed),
        _seed.Bind(parsed),
        _output.Bind(parsed));
}
