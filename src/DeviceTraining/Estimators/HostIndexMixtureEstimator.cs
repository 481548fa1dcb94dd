using System.Diagnostics;
using ILGPU;
using ILGPU.Runtime;
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
    private readonly IMipsIndex _index;
    private readonly WorkerTeam _team;
    private readonly MixtureHeadStore _store;
    private readonly MixtureDraws _draws;
    private readonly SampledShape _shape;
    private readonly DeviceArray<int> _uniformItems;
    private readonly DeviceArray<float> _uniformScores;
    private readonly Matrix _queries;
    private readonly TopK _answers;
    private readonly int[] _items;
    private readonly float[] _scores;
    private readonly int[] _found;
    private readonly Action<KernelConfig, TTable, ArrayView<float>, BatchView, SampledShape, MixtureDraws, ArrayView<int>, ArrayView<float>> _uniformPart;
    private double _seconds;

    public HostIndexMixtureEstimator(
        ComputeDevice device, TTable items, EstimatorParts parts, MixtureOptions options, IMipsIndex index, WorkerTeam team)
        : base(device, items, parts, options.Samples)
    {
        (_options, _index, _team) = (options, index, team);
        int k = Math.Min(options.TopK, parts.Catalogue);
        _store = new MixtureHeadStore(device, parts.BatchSize, k, options.Epsilon, parts.Catalogue);
        _draws = new MixtureDraws(_store.Heads, parts.Catalogue, options.Epsilon, MixtureText.UniformDraws(options));
        _shape = new SampledShape(options.Samples, device.Style.DimensionThreads(items.Stride, TLanes.Count));
        _uniformItems = new DeviceArray<int>(device, (long)parts.BatchSize * options.Samples);
        _uniformScores = new DeviceArray<float>(device, (long)parts.BatchSize * options.Samples);
        _queries = new Matrix(parts.BatchSize, parts.Dimension);
        _answers = new TopK(parts.BatchSize, k);
        _items = new int[parts.BatchSize * k];
        _scores = new float[parts.BatchSize * k];
        _found = new int[parts.BatchSize];
        _uniformPart = device.Accelerator.LoadStreamKernel<TTable, ArrayView<float>, BatchView, SampledShape, MixtureDraws, ArrayView<int>, ArrayView<float>>(
            UniformPartKernel.Run<TLanes, TTeam, TTable>);
    }

    public override string Name => "mixture";

    public override string Description => MixtureText.Describe(_options, _index.Description);

    public override IMipsIndex? Index => _index;

    public override int RetrievedItems => _store.Top.K;

    public override double QuerySeconds => _seconds;

    public override IEnumerable<string> Remarks =>
        [.. base.Remarks, $"the host finds the top {RetrievedItems} ({_index.Kind}): a step copies the queries there and the answers back"];

    public override void Dispose()
    {
        base.Dispose();
        _store.Dispose();
        _uniformItems.Dispose();
        _uniformScores.Dispose();
        _queries.Dispose();
    }

    protected override ScoredMixtureDraws Prepare(DeviceBatch batch)
    {
        int count = batch.View.Count;
        batch.Projected.DownloadRows(_queries, count);
        Device.CountLaunch("uniform draws");
        _uniformPart(
            new KernelConfig(count * _shape.Parts, Device.Style.GroupSize), Items, batch.Projected.View, batch.View, _shape, _draws,
            _uniformItems.View, _uniformScores.View);
        Search(count);
        _store.Prepare(count);
        return new ScoredMixtureDraws(_draws, _uniformItems.View, _uniformScores.View, _options.Samples);
    }

    private void Search(int count)
    {
        int k = _store.Top.K;
        long start = Stopwatch.GetTimestamp();
        _index.Search(_queries, count, k, _answers, _team);
        _seconds += Stopwatch.GetElapsedTime(start).TotalSeconds;
        for (int query = 0; query < count; query++)
        {
            _answers.Items(query).CopyTo(_items.AsSpan(query * k));
            _answers.Scores(query).CopyTo(_scores.AsSpan(query * k));
            _found[query] = _answers.Items(query).Length;
        }

        _store.Top.Upload(_items.AsSpan(0, count * k), _scores.AsSpan(0, count * k), _found.AsSpan(0, count));
    }
}
