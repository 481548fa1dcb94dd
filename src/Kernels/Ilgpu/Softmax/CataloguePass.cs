using ILGPU;

namespace KernelPolicy.Kernels.Ilgpu;

/// <summary>Launches <see cref="CataloguePassKernel"/> and <see cref="CatalogueJoinKernel"/>: ln Z [B] and E_π[β] [B, L] of a
/// batch, exactly, in O(B·P·L).</summary>
/// <remarks>Two launches a batch.</remarks>
internal sealed class CataloguePass<TLanes, TTable, TKeeping> : IDisposable
    where TLanes : unmanaged, ILanes<TLanes>
    where TTable : struct, ITable
    where TKeeping : struct, IWeightKeeping
{
    // Processors read a block again from their first cache; graphics processors keep all threads busy with it.
    private const int ProcessorBlockItems = 96;
    private const int FewestProcessorBlocks = 4;

    private readonly ComputeDevice _device;
    private readonly TTable _table;
    private readonly int _items;
    private readonly int _dimension;
    private readonly int _blockItems;
    private readonly int _pieceBlocks;
    private readonly DeviceArray<float> _sums;
    private readonly DeviceArray<double> _logPartition;
    private readonly DeviceArray<float> _meanItems;
    private readonly DeviceArray<float> _weights;
    private readonly DeviceArray<float> _maxima;
    private readonly DeviceArray<float> _blockSums;
    private readonly Action<KernelConfig, TTable, ArrayView<float>, CatalogueShape, ArrayView<float>, KeptWeights> _pass;
    private readonly Action<KernelConfig, ArrayView<float>, CatalogueShape, int, ArrayView<double>, ArrayView<float>> _join;

    /// <summary>Compiles the kernels and reserves memory for a batch.</summary>
    public CataloguePass(ComputeDevice device, TTable table, int items, int dimension, int batchSize)
    {
        (_device, _table, _items, _dimension) = (device, table, items, dimension);
        bool isProcessor = TLanes.Count == Lanes16.Count;
        _blockItems = isProcessor ? ProcessorBlockItems : CatalogueShape.MostBlockItems;
        long blocks = (items + (long)_blockItems - 1) / _blockItems;
        int pieces = device.Style.Groups * (isProcessor ? 8 : 1);
        _pieceBlocks = (int)Math.Max(isProcessor ? Math.Min(FewestProcessorBlocks, blocks) : 1, (blocks + pieces - 1) / pieces);
        CatalogueShape shape = Shape(batchSize);
        _sums = new DeviceArray<float>(device, (long)shape.Pieces * shape.Sets * shape.SumNumbers);
        _logPartition = new DeviceArray<double>(device, batchSize);
        _meanItems = new DeviceArray<float>(device, (long)batchSize * table.Stride);
        long keptBlocks = TKeeping.Keeps ? (long)shape.Sets * shape.Blocks * CatalogueShape.Width : 0;
        _weights = new DeviceArray<float>(device, TKeeping.Keeps ? (long)shape.Sets * items * CatalogueShape.Width : 0);
        _maxima = new DeviceArray<float>(device, keptBlocks);
        _blockSums = new DeviceArray<float>(device, keptBlocks);
        _pass = device.Load<TTable, ArrayView<float>, CatalogueShape, ArrayView<float>, KeptWeights>(
            isProcessor
                ? CataloguePassKernel.Run<TLanes, FourItemsTwoPanels, TTable, TKeeping>
                : CataloguePassKernel.Run<TLanes, FourItems, TTable, TKeeping>);
        _join = device.Load<ArrayView<float>, CatalogueShape, int, ArrayView<double>, ArrayView<float>>(
            CatalogueJoinKernel.Run);
    }

    /// <summary>ln Z [B].</summary>
    public ArrayView<double> LogPartition => _logPartition.View;

    /// <summary>E_π[β] [B, L].</summary>
    public ArrayView<float> MeanItems => _meanItems.View;

    /// <summary>The weights of the catalogue, where they are kept.</summary>
    public KeptWeights Kept => new(_weights.View, _maxima.View, _blockSums.View);

    /// <summary>How the catalogue is divided for so many queries.</summary>
    public CatalogueShape Shape(int queries) => new(_items, _dimension, _blockItems, _pieceBlocks, queries);

    /// <summary>Makes the sums of the first <paramref name="count"/> queries.</summary>
    public void Run(ArrayView<float> panels, int count)
    {
        CatalogueShape shape = Shape(count);
        int threads = _device.Style.GroupSize;
        _device.CountLaunch("catalogue pass");
        _pass(new KernelConfig(shape.Pieces, threads), _table, panels, shape, _sums.View, Kept);
        _device.CountLaunch("catalogue join");
        _join(new KernelConfig(shape.Sets * _table.Stride, threads), _sums.View, shape, _table.Stride, LogPartition, MeanItems);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _sums.Dispose();
        _logPartition.Dispose();
        _meanItems.Dispose();
        _weights.Dispose();
        _maxima.Dispose();
        _blockSums.Dispose();
    }
}
