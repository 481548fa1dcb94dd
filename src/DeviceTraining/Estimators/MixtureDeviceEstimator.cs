using System.Globalization;
using KernelPolicy.Kernels;
using KernelPolicy.Kernels.Ilgpu;
using KernelPolicy.Policy;

namespace KernelPolicy.DeviceTraining;

/// <summary>The paper's estimator on a device that scores every item for the top K, then draws from the mixture.</summary>
internal sealed class MixtureDeviceEstimator<TLanes, TTeam, TTable> : SampledDeviceEstimator<TLanes, TTeam, TTable, MixtureDraws>
    where TLanes : unmanaged, ILanes<TLanes>
    where TTeam : struct, ITeam
    where TTable : struct, ITable
{
    private readonly MixtureOptions _options;
    private readonly DeviceScan _scan;
    private readonly MixtureHeadStore _store;
    private readonly MixtureDraws _draws;

    public MixtureDeviceEstimator(ComputeDevice device, TTable items, EstimatorParts parts, MixtureOptions options)
        : base(device, items, parts, options.Samples)
    {
        _options = options;
        _scan = new DeviceScan(device, parts, Math.Min(options.TopK, parts.Catalogue));
        _store = new MixtureHeadStore(device, _scan.Top, options.Epsilon, parts.Catalogue);
        _draws = new MixtureDraws(_store.Heads, parts.Catalogue, options.Epsilon, MixtureText.UniformDraws(options));
    }

    public override string Name => "mixture";

    public override string Description => MixtureText.Describe(_options, _scan.Description);

    public override IEnumerable<string> Remarks => [.. base.Remarks, _scan.Remark];

    public override void Dispose()
    {
        base.Dispose();
        _scan.Dispose();
        _store.Dispose();
    }

    protected override MixtureDraws Prepare(DeviceBatch batch)
    {
        _scan.Find(batch);
        _store.Prepare(batch.View.Count);
        return _draws;
    }
}

/// <summary>What both mixtures share.</summary>
internal static class MixtureText
{
    /// <summary>⌊εS⌋, the uniform draws of the stratified sampler; −1 for the iid sampler.</summary>
    public static int UniformDraws(MixtureOptions options) =>
        options.Sampler == MixtureSampler.Stratified ? (int)Math.Floor(options.Epsilon * options.Samples) : -1;

    /// <summary>The method with all its parameters.</summary>
    public static string Describe(MixtureOptions options, string source) => string.Create(
        CultureInfo.InvariantCulture,
        $"mixture/S={options.Samples}/K={options.TopK}/epsilon={options.Epsilon}/{options.Sampler}/{source}");
}
