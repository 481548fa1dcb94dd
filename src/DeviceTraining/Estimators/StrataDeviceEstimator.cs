using System.Globalization;
using ILGPU;
using KernelPolicy.Index;
using KernelPolicy.Kernels;
using KernelPolicy.Kernels.Ilgpu;
using KernelPolicy.Policy;

namespace KernelPolicy.DeviceTraining;

/// <summary>
/// The strata estimator on a device: the top K and the items of known reward summed exactly, the rest by l uniform draws, own or shared
/// by the batch (algorithm.md, item 5).
/// </summary>
/// <remarks>Nothing is copied a step where the device scans for the top K and has the rewards. What the strata say of themselves is
/// added up on the device until it is asked for.</remarks>
internal sealed class StrataDeviceEstimator<TLanes, TTeam, TTable> : IDeviceEstimator
    where TLanes : unmanaged, ILanes<TLanes>
    where TTeam : struct, ITeam
    where TTable : struct, ITable
{
    private readonly StrataOptions _options;
    private readonly ITopKSource _source;
    private readonly DeviceMoments _moments;
    private readonly DeviceRewards _rewards;
    private readonly HostRewards? _hostRewards;
    private readonly StrataPass<TLanes, TTeam, TTable, SparseRewards>? _pass;
    private readonly StrataPass<TLanes, TTeam, TTable, GivenRewards>? _hostPass;
    private long _contexts;

    /// <summary>Compiles the kernels and reserves memory.</summary>
    /// <param name="device">The device.</param>
    /// <param name="items">β.</param>
    /// <param name="parts">What it stands on.</param>
    /// <param name="options">Its parameters.</param>
    /// <param name="source">Where the top K comes from; from here on the estimator's.</param>
    /// <param name="team">Threads for the sums over the catalogue.</param>
    public StrataDeviceEstimator(
        ComputeDevice device, TTable items, EstimatorParts parts, StrataOptions options, ITopKSource source, WorkerTeam team)
    {
        (_options, _source) = (options, source);
        using (CatalogueMoments moments = parts.Items.Moments(team))
            _moments = new DeviceMoments(device, moments);
        _rewards = new DeviceRewards(device, parts.Rewards);
        StrataShape shape = new(
            parts.Catalogue, source.Top.K + _rewards.MostItems, Math.Min(options.Tail, parts.Catalogue),
            options.Sharing == TailSharing.Batch, options.Control, !parts.Rewards.IsSparse,
            device.Style.DimensionThreads(items.Stride, TLanes.Count));
        if (parts.Rewards.IsSparse)
        {
            _pass = new StrataPass<TLanes, TTeam, TTable, SparseRewards>(device, items, _moments, shape, parts.BatchSize);
            return;
        }

        _hostPass = new StrataPass<TLanes, TTeam, TTable, GivenRewards>(device, items, _moments, shape, parts.BatchSize);
        _hostRewards = new HostRewards(device, parts.Rewards, parts.BatchSize, shape.Slots);
    }

    public string Name => "strata";

    public string Description => string.Create(
        CultureInfo.InvariantCulture,
        $"{Name}/K={_options.TopK}/l={_options.Tail}/{_options.Sharing}{(_options.Control ? "/control" : "")}/{_source.Description}");

    public IMipsIndex? Index => _source.Index;

    public int RetrievedItems => _source.Index is null ? 0 : _source.Top.K;

    public double QuerySeconds => _source.QuerySeconds;

    public IEnumerable<string> Remarks
    {
        get
        {
            if (_source.Remark is { } remark)
                yield return remark;
            if (_hostRewards is not null)
                yield return HostRewards.Remark;
        }
    }

    public void Estimate(DeviceBatch batch, ArrayView<float> gradients, BatchReport report)
    {
        _source.Find(batch);
        _contexts += batch.View.Count;
        if (_pass is not null)
        {
            _pass.Choose(batch.View, _source.Top, _rewards.View.Rows);
            _pass.Run(batch.View, batch.Projected.View, _rewards.View, gradients, report);
            return;
        }

        _hostPass!.Choose(batch.View, _source.Top, _rewards.View.Rows);
        GivenRewards rewards = _hostRewards!.Of(batch.Contexts, _hostPass.Items);
        _hostPass.Run(batch.View, batch.Projected.View, rewards, gradients, report);
    }

    public StrataStatistics TakeStrata()
    {
        StrataNote note = _pass?.TakeNotes() ?? _hostPass!.TakeNotes();
        long contexts = _contexts;
        _contexts = 0;
        return new StrataStatistics(
            contexts, note.PartitionVariance, note.GradientVariance, note.GradientSquare, (long)note.TailDraws, (long)note.HeadItems,
            (long)note.Missed, _source.Top.K > 0 ? contexts : 0);
    }

    public void Dispose()
    {
        _source.Dispose();
        _moments.Dispose();
        _rewards.Dispose();
        _hostRewards?.Dispose();
        _pass?.Dispose();
        _hostPass?.Dispose();
    }
}
