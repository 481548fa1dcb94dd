using ILGPU;

namespace KernelPolicy.Kernels.Ilgpu;

/// <summary>The exact top K of a batch on a device: every item is scored, none of the scores is stored but the best of each
/// eight.</summary>
internal interface IItemScan : IDisposable
{
    /// <summary>Finds the top K of the first <paramref name="count"/> queries.</summary>
    /// <param name="queries">H [B, L].</param>
    /// <param name="panels">H in panels (<see cref="Panels"/>).</param>
    /// <param name="count">Queries, at most the batch size.</param>
    /// <param name="result">Receives the answers.</param>
    void Run(ArrayView<float> queries, ArrayView<float> panels, int count, DeviceTopK result);
}

/// <summary>Makes an <see cref="IItemScan"/>.</summary>
/// <param name="items">P.</param>
/// <param name="dimension">L.</param>
/// <param name="batchSize">B.</param>
/// <param name="k">K, at most P.</param>
internal sealed class ItemScanFactory(int items, int dimension, int batchSize, int k) : IKernelFactory<IItemScan>
{
    /// <summary>The largest K: candidates are put in order by comparing each with each.</summary>
    public const int MostK = 4096;

    /// <inheritdoc/>
    public IItemScan Create<TLanes, TTeam, TTable>(ComputeDevice device, TTable table)
        where TLanes : unmanaged, ILanes<TLanes>
        where TTeam : struct, ITeam
        where TTable : struct, ITable =>
        new ItemScan<TLanes, TTeam, TTable>(device, table, items, dimension, batchSize, k);
}

/// <inheritdoc/>
/// <remarks>Four launches a batch; see <see cref="GroupMaximaKernel"/>, <see cref="GroupChoiceKernel"/>,
/// <see cref="GroupScoresKernel"/>, <see cref="TopItemsKernel"/>.</remarks>
internal sealed class ItemScan<TLanes, TTeam, TTable> : IItemScan
    where TLanes : unmanaged, ILanes<TLanes>
    where TTeam : struct, ITeam
    where TTable : struct, ITable
{
    // Enough stretches of the catalogue that cores which finish late keep no other waiting long.
    private const int StretchesPerGroup = 16;

    private readonly ComputeDevice _device;
    private readonly TTable _table;
    private readonly int _items;
    private readonly int _dimension;
    private readonly int _groups;
    private readonly bool _isStaged;
    private readonly DeviceArray<float> _maxima;
    private readonly DeviceArray<int> _chosen;
    private readonly DeviceArray<int> _found;
    private readonly DeviceArray<float> _scores;
    private readonly DeviceArray<ulong> _keys;
    private readonly GroupChoice _choice;
    private readonly Action<KernelConfig, TTable, int, int, ArrayView<float>, int, ArrayView<float>> _maximaKernel;
    private readonly Action<KernelConfig, ArrayView<float>, int, GroupChoice> _choiceKernel;
    private readonly Action<KernelConfig, TTable, ArrayView<float>, GroupChoice> _scoresKernel;
    private readonly Action<KernelConfig, GroupChoice, int, ArrayView<ulong>, ArrayView<int>, ArrayView<int>, ArrayView<float>> _topKernel;

    public ItemScan(ComputeDevice device, TTable table, int items, int dimension, int batchSize, int k)
    {
        (_device, _table, _items, _dimension) = (device, table, items, dimension);
        _isStaged = TLanes.Count < Lanes16.Count;
        int groupBits = _isStaged ? StagedMaximaKernel.GroupBits : GroupMaximaKernel.GroupBits, groupItems = 1 << groupBits;
        _groups = (int)((items + (long)groupItems - 1) / groupItems);
        int capacity = Math.Min(k, _groups);
        _maxima = new DeviceArray<float>(device, (long)Panels.Count(batchSize) * Panels.Width * _groups);
        _chosen = new DeviceArray<int>(device, (long)batchSize * capacity);
        _found = new DeviceArray<int>(device, batchSize);
        _scores = new DeviceArray<float>(device, (long)batchSize * capacity * groupItems);
        _keys = new DeviceArray<ulong>(device, (long)batchSize * capacity * groupItems);
        _choice = new GroupChoice(capacity, items, groupBits) { Groups = _chosen.View, Found = _found.View, Scores = _scores.View };
        _maximaKernel = device.Load<TTable, int, int, ArrayView<float>, int, ArrayView<float>>(
            _isStaged ? StagedMaximaKernel.Run<TTable> : GroupMaximaKernel.Run<TTable>);
        _choiceKernel = device.Load<ArrayView<float>, int, GroupChoice>(GroupChoiceKernel.Run<TTeam>);
        _scoresKernel = device.Load<TTable, ArrayView<float>, GroupChoice>(GroupScoresKernel.Run<TLanes, TTeam, TTable>);
        _topKernel = device.Load<GroupChoice, int, ArrayView<ulong>, ArrayView<int>, ArrayView<int>, ArrayView<float>>(TopItemsKernel.Run);
    }

    /// <inheritdoc/>
    public void Run(ArrayView<float> queries, ArrayView<float> panels, int count, DeviceTopK result)
    {
        int threads = _device.Style.GroupSize;
        int stretches = _isStaged
            ? (int)((_items + (long)StagedMaximaKernel.TileItems(threads) - 1) / StagedMaximaKernel.TileItems(threads))
            : GroupMaximaKernel.Stretches(_groups, _device.Style.Groups * StretchesPerGroup);
        _device.CountLaunch("group maxima");
        _maximaKernel(new KernelConfig(stretches, threads), _table, _items, _dimension, panels, count, _maxima.View);
        _device.CountLaunch("group choice");
        _choiceKernel(new KernelConfig(count, threads), _maxima.View, _groups, _choice);
        _device.CountLaunch("group scores");
        _scoresKernel(new KernelConfig(count * GroupScoresKernel.Parts(_choice), threads), _table, queries, _choice);
        _device.CountLaunch("top items");
        _topKernel(new KernelConfig(count, threads), _choice, result.K, _keys.View, result.Found, result.Items, result.Scores);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _maxima.Dispose();
        _chosen.Dispose();
        _found.Dispose();
        _scores.Dispose();
        _keys.Dispose();
    }
}
