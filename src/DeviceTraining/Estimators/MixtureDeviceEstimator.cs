using System.Globalization;
using ILGPU;
using KernelPolicy.Index;
using KernelPolicy.Kernels;
using KernelPolicy.Kernels.Ilgpu;
using KernelPolicy.Policy;

namespace KernelPolicy.DeviceTraining;

/// <summary>The paper's estimator on a device: the top K by <see cref="ITopKSource"/>, then draws from the mixture.</summary>
internal sealed class MixtureDeviceEstimator<TLanes, TTeam, TTable> : SampledDeviceEstimator<TLanes, TTeam, TTable, MixtureDraws>
    where TLanes : unmanaged, ILanes<TLanes>
    where TTeam : struct, ITeam
    where TTable : struct, ITable
{
    private readonly MixtureOptions _options;
    private readonly ITopKSource _source;
    private readonly int _catalogue;
    private readonly DeviceTopK _top;
    private readonly DeviceArray<double> _cumulative;
    private readonly DeviceArray<float> _logWeights;
    private readonly DeviceArray<int> _hash;
    private readonly MixtureHeads _heads;
    private readonly MixtureDraws _draws;
    private readonly Action<KernelConfig, MixtureHeads, double, int> _headKernel;

    public MixtureDeviceEstimator(
        ComputeDevice device, TTable items, EstimatorParts parts, MixtureOptions options, ITopKSource source)
        : base(device, items, parts, options.Samples)
    {
        (_options, _source, _catalogue) = (options, source, parts.Catalogue);
        int k = source.K, slots = MixtureHeads.SlotsFor(k);
        _top = new DeviceTopK(device, parts.BatchSize, k);
        _cumulative = new DeviceArray<double>(device, (long)parts.BatchSize * k);
        _logWeights = new DeviceArray<float>(device, (long)parts.BatchSize * k);
        _hash = new DeviceArray<int>(device, (long)parts.BatchSize * slots);
        _heads = new MixtureHeads(k, slots)
        {
            Found = _top.Found,
            Items = _top.Items,
            Scores = _top.Scores,
            Cumulative = _cumulative.View,
            LogWeights = _logWeights.View,
            Hash = _hash.View,
        };
        int uniform = options.Sampler == MixtureSampler.Stratified ? (int)Math.Floor(options.Epsilon * options.Samples) : -1;
        _draws = new MixtureDraws(_heads, parts.Catalogue, options.Epsilon, uniform);
        _headKernel = device.Load<MixtureHeads, double, int>(MixtureHeadKernel.Run);
    }

    public override string Name => "mixture";

    public override string Description => string.Create(
        CultureInfo.InvariantCulture,
        $"mixture/S={_options.Samples}/K={_options.TopK}/epsilon={_options.Epsilon}/{_options.Sampler}/{_source.Description}");

    public override IMipsIndex? Index => _source.Index;

    public override int RetrievedItems => _source.Index is null ? 0 : _source.K;

    public override double QuerySeconds => _source.Seconds;

    public override void Dispose()
    {
        base.Dispose();
        _source.Dispose();
        _top.Dispose();
        _cumulative.Dispose();
        _logWeights.Dispose();
        _hash.Dispose();
    }

    protected override MixtureDraws Prepare(DeviceBatch batch)
    {
        _source.Find(batch, _top);
        Device.CountLaunch("mixture head");
        _headKernel(new KernelConfig(batch.View.Count, Device.Style.GroupSize), _heads, _options.Epsilon, _catalogue);
        return _draws;
    }
}
