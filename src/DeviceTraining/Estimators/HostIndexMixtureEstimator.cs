using ILGPU;
using KernelPolicy.Index;
using KernelPolicy.Kernels;
using KernelPolicy.Kernels.Ilgpu;
using KernelPolicy.Policy;

namespace KernelPolicy.DeviceTraining;

/// <summary>
/// The paper's estimator on a device whose top K comes from an index on the host. H is copied there; while the host searches,
/// the device makes and scores the uniform draws, which need no top K; then the answers are copied back.
/// </summary>
/// <remarks>One copy each way a step: B·stride numbers up to the host, B·K items and scores down.</remarks>
internal sealed class HostIndexMixtureEstimator<TLanes, TTeam, TTable> : SampledDeviceEstimator<TLanes, TTeam, TTable, ScoredMixtureDraws>
    where TLanes : unmanaged, ILanes<TLanes>
    where TTeam : struct, ITeam
    where TTable : struct, ITable
{
    private readonly MixtureOptions _options;
    private readonly HostSearch _search;
    private readonly MixtureHeadStore _store;
    private readonly MixtureDraws _draws;
    private readonly SampledShape _shape;
    private readonly DeviceArray<int> _uniformItems;
    private readonly DeviceArray<float> _uniformScores;
    private readonly Action<KernelConfig, TTable, ArrayView<float>, BatchView, SampledShape, MixtureDraws, ArrayView<int>, ArrayView<float>> _uniformPart;

    public HostIndexMixtureEstimator(
        ComputeDevice device, TTable items, EstimatorParts parts, MixtureOptions options, IMipsIndex index, WorkerTeam team)
        : base(device, items, parts, options.Samples)
    {
        _options = options;
        _search = new HostSearch(device, parts, Math.Min(options.TopK, parts.Catalogue), index, team);
        _store = new MixtureHeadStore(device, _search.Top, options.Epsilon, parts.Catalogue);
        _draws = new MixtureDraws(_store.Heads, parts.Catalogue, options.Epsilon, MixtureText.UniformDraws(options));
        _shape = new SampledShape(options.Samples, device.Style.DimensionThreads(items.Stride, TLanes.Count));
        _uniformItems = new DeviceArray<int>(device, (long)parts.BatchSize * options.Samples);
        _uniformScores = new DeviceArray<float>(device, (long)parts.BatchSize * options.Samples);
        _uniformPart = device.Load<TTable, ArrayView<float>, BatchView, SampledShape, MixtureDraws, ArrayView<int>, ArrayView<float>>(
            UniformPartKernel.Run<TLanes, TTeam, TTable>);
    }

    public override string Name => "mixture";

    public override string Description => MixtureText.Describe(_options, _search.Description);

    public override IMipsIndex? Index => _search.Index;

    public override int RetrievedItems => _search.Top.K;

    public override double QuerySeconds => _search.QuerySeconds;

    public override IEnumerable<string> Remarks => [.. base.Remarks, _search.Remark];

    public override void Dispose()
    {
        base.Dispose();
        _search.Dispose();
        _store.Dispose();
        _uniformItems.Dispose();
        _uniformScores.Dispose();
    }

    protected override ScoredMixtureDraws Prepare(DeviceBatch batch)
    {
        int count = batch.View.Count;
        _search.TakeQueries(batch);
        Device.CountLaunch("uniform draws");
        _uniformPart(
            new KernelConfig(count * _shape.Parts, Device.Style.GroupSize), Items, batch.Projected.View, batch.View, _shape, _draws,
            _uniformItems.View, _uniformScores.View);
        _search.Search(count);
        _store.Prepare(count);
        return new ScoredMixtureDraws(_draws, _uniformItems.View, _uniformScores.View, _options.Samples);
    }
}
