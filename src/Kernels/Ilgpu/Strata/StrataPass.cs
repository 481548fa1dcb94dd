using ILGPU;

namespace KernelPolicy.Kernels.Ilgpu;

/// <summary>Launches the kernels of the strata estimate, and owns the memory between them.</summary>
/// <remarks>Five launches a batch: one by <see cref="Choose"/>, after which rewards of the items may be asked for, and four by
/// <see cref="Run"/>.</remarks>
internal sealed class StrataPass<TLanes, TTeam, TTable, TRewards> : IDisposable
    where TLanes : unmanaged, ILanes<TLanes>
    where TTeam : struct, ITeam
    where TTable : struct, ITable
    where TRewards : struct, IRewardTable
{
    private readonly ComputeDevice _device;
    private readonly TTable _table;
    private readonly DeviceMoments _moments;
    private readonly StrataShape _shape;
    private readonly DeviceArray<float> _scores;
    private readonly DeviceArray<StrataCounts> _counts;
    private readonly DeviceArray<int> _heads;
    private readonly DeviceArray<float> _weights;
    private readonly DeviceArray<float> _rewarded;
    private readonly DeviceArray<StrataFigures> _figures;
    private readonly DeviceArray<float> _sums;
    private readonly DeviceArray<StrataNote> _notes;
    private readonly StrataNote[] _hostNotes;
    private readonly StrataItems _strata;
    private readonly StrataTerms _terms;
    private readonly Action<KernelConfig, StrataItems, RetrievedItems, CompressedRows, BatchView, StrataShape> _choose;
    private readonly Action<KernelConfig, TTable, ArrayView<float>, StrataItems, StrataShape> _score;
    private readonly Action<KernelConfig, ArrayView<float>, StrataItems, StrataTerms, BatchView, StrataShape, ItemMoments, TRewards> _weigh;
    private readonly Action<KernelConfig, TTable, StrataItems, StrataTerms, StrataShape> _sum;
    private readonly Action<KernelConfig, ArrayView<float>, StrataItems, StrataTerms, StrataShape, ItemMoments, ArrayView<float>, BatchReport, ArrayView<StrataNote>> _join;

    /// <summary>Compiles the kernels and reserves memory for a batch.</summary>
    /// <param name="device">The device.</param>
    /// <param name="table">β [P, L].</param>
    /// <param name="moments">Sums over the same β; they stay the caller's.</param>
    /// <param name="shape">How large the strata may be.</param>
    /// <param name="batchSize">B.</param>
    public StrataPass(ComputeDevice device, TTable table, DeviceMoments moments, StrataShape shape, int batchSize)
    {
        (_device, _table, _moments, _shape) = (device, table, moments, shape);
        long slots = (long)batchSize * shape.Slots;
        int setSize = ItemSets.SizeFor(shape.HeadCapacity), teams = device.Style.GroupSize / shape.DimensionThreads;
        Items = new DeviceArray<int>(device, slots);
        _scores = new DeviceArray<float>(device, slots);
        _counts = new DeviceArray<StrataCounts>(device, batchSize);
        _heads = new DeviceArray<int>(device, (long)batchSize * setSize);
        _weights = new DeviceArray<float>(device, slots);
        _rewarded = new DeviceArray<float>(device, slots);
        _figures = new DeviceArray<StrataFigures>(device, batchSize);
        _sums = new DeviceArray<float>(device, (long)batchSize * shape.Parts * teams * StrataSumsKernel.Vectors * table.Stride);
        _notes = new DeviceArray<StrataNote>(device, batchSize);
        _hostNotes = new StrataNote[batchSize];
        _strata = new StrataItems
        {
            Items = Items.View,
            Scores = _scores.View,
            Counts = _counts.View,
            Heads = new ItemSets(_heads.View, setSize),
        };
        _terms = new StrataTerms { Weights = _weights.View, Rewarded = _rewarded.View, Figures = _figures.View, Sums = _sums.View };
        _choose = device.Load<StrataItems, RetrievedItems, CompressedRows, BatchView, StrataShape>(StrataItemsKernel.Run<TTeam>);
        _score = device.Load<TTable, ArrayView<float>, StrataItems, StrataShape>(StrataScoresKernel.Run<TLanes, TTeam, TTable>);
        _weigh = device.Load<ArrayView<float>, StrataItems, StrataTerms, BatchView, StrataShape, ItemMoments, TRewards>(
            StrataTermsKernel.Run<TRewards>);
        _sum = device.Load<TTable, StrataItems, StrataTerms, StrataShape>(StrataSumsKernel.Run<TLanes, TTable>);
        _join = device.Load<ArrayView<float>, StrataItems, StrataTerms, StrataShape, ItemMoments, ArrayView<float>, BatchReport, ArrayView<StrataNote>>(
            StrataJoinKernel.Run<TLanes>);
    }

    /// <summary>Items by slot [B, slots], once chosen; −1 in slots that are free.</summary>
    public DeviceArray<int> Items { get; }

    /// <summary>Puts head and tail of each context together.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="retrieved">α_K.</param>
    /// <param name="known">Items of known reward of every context.</param>
    public void Choose(BatchView batch, DeviceTopK retrieved, CompressedRows known)
    {
        _device.CountLaunch("strata items");
        _choose(new KernelConfig(batch.Count, _device.Style.GroupSize), _strata, new RetrievedItems(retrieved), known, batch, _shape);
    }

    /// <summary>Scores, weighs and adds up what was chosen: g [B, L] and the report of the batch.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="queries">H [B, L].</param>
    /// <param name="rewards">Rewards, of a draw that is a slot's number where they are given.</param>
    /// <param name="gradients">Receives g.</param>
    /// <param name="report">Receives the report.</param>
    public void Run(BatchView batch, ArrayView<float> queries, TRewards rewards, ArrayView<float> gradients, BatchReport report)
    {
        int threads = _device.Style.GroupSize;
        KernelConfig contexts = new(batch.Count, threads), parts = new(batch.Count * _shape.Parts, threads);
        _device.CountLaunch("strata scores");
        _score(parts, _table, queries, _strata, _shape);
        _device.CountLaunch("strata terms");
        _weigh(contexts, queries, _strata, _terms, batch, _shape, _moments.View, rewards);
        _device.CountLaunch("strata sums");
        _sum(parts, _table, _strata, _terms, _shape);
        _device.CountLaunch("strata join");
        _join(contexts, queries, _strata, _terms, _shape, _moments.View, gradients, report, _notes.View);
    }

    /// <summary>Sums of what contexts said of themselves since the last call; waits for the device.</summary>
    public StrataNote TakeNotes()
    {
        _notes.Download(_hostNotes);
        _notes.Clear();
        StrataNote sum = default;
        foreach (StrataNote note in _hostNotes)
        {
            sum.PartitionVariance += note.PartitionVariance;
            sum.GradientVariance += note.GradientVariance;
            sum.GradientSquare += note.GradientSquare;
            sum.TailDraws += note.TailDraws;
            sum.HeadItems += note.HeadItems;
            sum.Missed += note.Missed;
        }

        return sum;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Items.Dispose();
        _scores.Dispose();
        _counts.Dispose();
        _heads.Dispose();
        _weights.Dispose();
        _rewarded.Dispose();
        _figures.Dispose();
        _sums.Dispose();
        _notes.Dispose();
    }
}
