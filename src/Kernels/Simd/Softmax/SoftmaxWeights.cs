using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace KernelPolicy.Kernels;

/// <summary>
/// The weights e^{f−m} of a whole batch [B, P], kept by <see cref="SoftmaxPass"/> so that items can be drawn from π: the
/// O(B·P) memory that only the REINFORCE baseline pays.
/// </summary>
/// <remarks>Weights of a block of 96 items share one m; their sum, and the sums of its groups of 12 items, are kept beside
/// them, so that a draw searches the blocks, then 8 groups, then 12 items. Draws of different queries may be made at once,
/// each with its own cumulative mass. Filled by one pass at a time.</remarks>
public sealed unsafe class SoftmaxWeights : IDisposable
{
    private const int GroupItems = 12;
    private const int BlockGroups = SoftmaxPass.BlockItems / GroupItems;

    /// <summary>Draws that search at the same time: enough that the loads of one do not wait for those of another.</summary>
    private const int DrawsTogether = 32;

    private float* _weights;
    private float* _maxima;
    private float* _blockSums;
    private float* _groupSums;
    private long _weightsCapacity;
    private long _blocksCapacity;
    private long _rows;
    private long _blocks;
    private int _panels;
    private bool _beyondCaches;

    /// <summary>Frees memory that nobody disposed.</summary>
    ~SoftmaxWeights() => Free();

    /// <summary>Weights that are more than this are stored past the caches: they would not be found there when items are drawn.</summary>
    internal long CachedBytes { get; init; } = 32L << 20;

    /// <summary>Blocks of items in the catalogue: the length of the cumulative mass.</summary>
    public int Blocks => checked((int)_blocks);

    /// <summary>Writes the cumulative mass of the blocks for one query [blocks], the last being 1 within rounding.</summary>
    /// <param name="query">Which query of the batch.</param>
    /// <param name="logZ">ln Z of that query.</param>
    /// <param name="cumulative">Receives the cumulative mass.</param>
    /// <exception cref="ArgumentException">There is no such query in the batch, or the mass is not one number a block.</exception>
    public void Cumulate(int query, double logZ, Span<double> cumulative)
    {
        Check(query, cumulative.Length);
        int width = QueryPanels.Width;
        float* maximum = Column(_maxima, query, _blocks), sum = Column(_blockSums, query, _blocks);
        for (int block = 0; block < cumulative.Length; block++)
            cumulative[block] = maximum[(long)block * width] - logZ;
        TensorPrimitives.Exp(cumulative, cumulative);
        double total = 0;
        for (int block = 0; block < cumulative.Length; block++)
        {
            total += sum[(long)block * width] * cumulative[block];
            cumulative[block] = total;
        }
    }

    /// <summary>The items at which the cumulative mass of π passes <paramref name="units"/>: inverse transform.</summary>
    /// <param name="query">Which query of the batch.</param>
    /// <param name="cumulative">What <see cref="Cumulate"/> wrote for it.</param>
    /// <param name="units">Uniform numbers in [0, 1), one a draw.</param>
    /// <param name="items">Receives an item for each of them.</param>
    /// <exception cref="ArgumentException">There is no such query in the batch, the mass is not one number a block, or there is no
    /// room for the items.</exception>
    public void Draw(int query, ReadOnlySpan<double> cumulative, ReadOnlySpan<double> units, Span<int> items)
    {
        Check(query, cumulative.Length);
        if (items.Length < units.Length)
            throw new ArgumentException($"There is room for {items.Length} items, not for {units.Length} draws.", nameof(items));
        int width = QueryPanels.Width;
        float* blockSums = Column(_blockSums, query, _blocks);
        float* groupSums = Column(_groupSums, query, _blocks * BlockGroups);
        float* weights = Column(_weights, query, _rows);
        Span<float> rests = stackalloc float[DrawsTogether];
        for (int first = 0; first < units.Length; first += DrawsTogether)
        {
            int count = Math.Min(DrawsTogether, units.Length - first);
            Span<int> chosen = items.Slice(first, count);
            for (int i = 0; i < count; i++)
            {
                double target = units[first + i] * cumulative[^1];
                int block = FirstAbove(cumulative, target);
                double before = block == 0 ? 0 : cumulative[block - 1];
                float sum = blockSums[(long)block * width];
                rests[i] = (float)((target - before) / (cumulative[block] - before) * sum);
                chosen[i] = block;
                Fetch(groupSums + ((long)block * BlockGroups * width), BlockGroups);
            }

            for (int i = 0; i < count; i++)
            {
                long firstGroup = (long)chosen[i] * BlockGroups;
                int group = (int)firstGroup + Search(groupSums + (firstGroup * width), BlockGroups, ref rests[i]);
                chosen[i] = group;
                Fetch(weights + ((long)group * GroupItems * width), GroupItems);
            }

            for (int i = 0; i < count; i++)
            {
                long item = (long)chosen[i] * GroupItems;
                int size = (int)Math.Min(GroupItems, _rows - item);
                // Scores that are not finite leave no mass to search: any item will do, if only there is such an item.
                chosen[i] = size <= 0 ? (int)(_rows - 1) : (int)item + Search(weights + (item * width), size, ref rests[i]);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    /// <summary>Makes room for a batch of <paramref name="panels"/> panels.</summary>
    internal void Reserve(long rows, int panels)
    {
        (_rows, _panels) = (rows, panels);
        _blocks = (rows + SoftmaxPass.BlockItems - 1) / SoftmaxPass.BlockItems;
        long weights = rows * panels * QueryPanels.Width, blocks = _blocks * panels * QueryPanels.Width;
        _beyondCaches = weights * sizeof(float) > CachedBytes;
        if (weights > _weightsCapacity)
        {
            NativeMemory.AlignedFree(_weights);
            _weights = Allocate(weights);
            _weightsCapacity = weights;
        }

        if (blocks > _blocksCapacity)
        {
            NativeMemory.AlignedFree(_maxima);
            NativeMemory.AlignedFree(_blockSums);
            NativeMemory.AlignedFree(_groupSums);
            _maxima = Allocate(blocks);
            _blockSums = Allocate(blocks);
            _groupSums = Allocate(blocks * BlockGroups);
            _blocksCapacity = blocks;
        }
    }

    /// <summary>Keeps a block of weights [block, W] whose first item is a multiple of the block size.</summary>
    internal void Store<TIsa, TVector>(int panel, long firstItem, float* weights, int block, float* maximum)
        where TIsa : struct, IVectorIsa<TVector>
        where TVector : struct
    {
        int w = TIsa.Count, width = 2 * w;
        long number = (panel * _blocks) + (firstItem / SoftmaxPass.BlockItems);
        float* kept = _weights + (((panel * _rows) + firstItem) * width);
        float* groupSum = _groupSums + (number * BlockGroups * width);
        TVector block0 = TIsa.Zero, block1 = TIsa.Zero;
        for (int group = 0; group < BlockGroups; group++, groupSum += width)
        {
            TVector group0 = TIsa.Zero, group1 = TIsa.Zero;
            for (int row = group * GroupItems; row < Math.Min(block, (group + 1) * GroupItems); row++)
            {
                TVector weight0 = TIsa.Load(weights + (row * width)), weight1 = TIsa.Load(weights + (row * width) + w);
                if (_beyondCaches)
                {
                    TIsa.StoreBeyondCaches(weight0, kept + (row * width));
                    TIsa.StoreBeyondCaches(weight1, kept + (row * width) + w);
                }
                else
                {
                    TIsa.Store(weight0, kept + (row * width));
                    TIsa.Store(weight1, kept + (row * width) + w);
                }

                group0 = TIsa.Add(group0, weight0);
                group1 = TIsa.Add(group1, weight1);
            }

            TIsa.Store(group0, groupSum);
            TIsa.Store(group1, groupSum + w);
            block0 = TIsa.Add(block0, group0);
            block1 = TIsa.Add(block1, group1);
        }

        TIsa.Store(block0, _blockSums + (number * width));
        TIsa.Store(block1, _blockSums + (number * width) + w);
        TIsa.Store(TIsa.Load(maximum), _maxima + (number * width));
        TIsa.Store(TIsa.Load(maximum + w), _maxima + (number * width) + w);
    }

    private void Check(int query, int masses)
    {
        if ((uint)query >= (uint)(_panels * QueryPanels.Width))
            throw new ArgumentOutOfRangeException(nameof(query), query, $"Weights are kept for queries 0 to {(_panels * QueryPanels.Width) - 1}.");
        if (masses != _blocks)
            throw new ArgumentException($"The cumulative mass has {masses} numbers, the catalogue {_blocks} blocks.");
    }

    /// <summary>The column of a query in a table [panels, rows, W].</summary>
    private static float* Column(float* table, int query, long rows) =>
        table + (query / QueryPanels.Width * rows * QueryPanels.Width) + (query % QueryPanels.Width);

    /// <summary>The first of a column of <paramref name="count"/> masses at which their sum passes <paramref name="rest"/>,
    /// which is left with what is still to pass within it; the last that is not zero where rounding leaves none.</summary>
    private static int Search(float* mass, int count, ref float rest)
    {
        int width = QueryPanels.Width, last = 0;
        for (int i = 0; i < count; i++, mass += width)
        {
            if (*mass <= 0)
                continue;
            last = i;
            if (rest < *mass)
                return last;
            rest -= *mass;
        }

        rest = float.PositiveInfinity;
        return last;
    }

    /// <summary>Starts the loads of a column of floats.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Fetch(float* column, int count)
    {
        if (!Sse.IsSupported)
            return;
        for (int i = 0; i < count; i++, column += QueryPanels.Width)
            Sse.Prefetch0(column);
    }

    private static float* Allocate(long floats)
    {
        float* memory = (float*)NativeMemory.AlignedAlloc((nuint)(floats * sizeof(float)), 2 << 20);
        HugePages.Advise(memory, floats * sizeof(float));
        return memory;
    }

    /// <summary>The first position of a rising list whose value is above the target; the last that rises at all where
    /// none is.</summary>
    private static int FirstAbove(ReadOnlySpan<double> rising, double target)
    {
        int low = 0, high = rising.Length - 1;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            if (rising[middle] > target)
                high = middle;
            else
                low = middle + 1;
        }

        while (low > 0 && rising[low] <= rising[low - 1])
            low--;
        return low;
    }

    private void Free()
    {
        NativeMemory.AlignedFree(_weights);
        NativeMemory.AlignedFree(_maxima);
        NativeMemory.AlignedFree(_blockSums);
        NativeMemory.AlignedFree(_groupSums);
        _weights = null;
        _maxima = null;
        _blockSums = null;
        _groupSums = null;
    }
}
