using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace KernelPolicy.Kernels;

/// <summary>
/// The weights e^{f−m} of a whole batch [B, P], kept by <see cref="SoftmaxPass"/> so that items can be drawn from π: the
/// O(B·P) memory that only the REINFORCE baseline pays.
/// </summary>
/// <remarks>Weights of a block of 96 items share one maximum m; sums over groups of 12 items are kept beside them, so
/// that a draw searches the groups and then one group. Draws of different queries may be made at once, each with its own
/// cumulative sums. Filled by one pass at a time.</remarks>
public sealed unsafe class SoftmaxWeights : IDisposable
{
    private const int GroupItems = 12;
    private const int BlockGroups = SoftmaxPass.BlockItems / GroupItems;

    private float* _weights;
    private float* _maxima;
    private float* _sums;
    private long _weightsCapacity;
    private long _groupsCapacity;
    private long _rows;
    private long _blocks;

    /// <summary>Frees memory that nobody disposed.</summary>
    ~SoftmaxWeights() => Free();

    /// <summary>Groups of items in the catalogue: the length of the cumulative mass.</summary>
    public int Groups => checked((int)(_blocks * BlockGroups));

    /// <summary>Writes the cumulative mass of the groups for one query [groups], the last being 1 within rounding.</summary>
    /// <param name="query">Which query of the batch.</param>
    /// <param name="logZ">ln Z of that query.</param>
    /// <param name="cumulative">Receives the cumulative mass.</param>
    public void Cumulate(int query, double logZ, Span<double> cumulative)
    {
        int width = QueryPanels.Width, lane = query % width;
        long panel = query / width;
        float* maximum = _maxima + (panel * _blocks * width) + lane;
        float* sum = _sums + (panel * _blocks * BlockGroups * width) + lane;
        double total = 0;
        for (int group = 0; group < cumulative.Length; maximum += width)
        {
            double scale = Math.Exp(*maximum - logZ);
            for (int end = group + BlockGroups; group < end; group++, sum += width)
            {
                total += *sum * scale;
                cumulative[group] = total;
            }
        }
    }

    /// <summary>The item at which the cumulative mass of π passes <paramref name="unit"/>: inverse transform.</summary>
    /// <param name="query">Which query of the batch.</param>
    /// <param name="cumulative">What <see cref="Cumulate"/> wrote for it.</param>
    /// <param name="unit">A uniform number in [0, 1).</param>
    public int Draw(int query, ReadOnlySpan<double> cumulative, double unit)
    {
        double target = unit * cumulative[^1];
        int group = FirstAbove(cumulative, target);
        double before = group == 0 ? 0 : cumulative[group - 1];
        int width = QueryPanels.Width, lane = query % width;
        long panel = query / width;
        float sum = _sums[(((panel * _blocks * BlockGroups) + group) * width) + lane];
        float rest = (float)((target - before) / (cumulative[group] - before) * sum);
        long first = (long)group * GroupItems;
        int size = (int)Math.Min(GroupItems, _rows - first);
        // Scores that are not finite leave no mass to search: any item will do, if only there is such an item.
        if (size <= 0)
            return (int)(_rows - 1);
        float* weight = _weights + (((panel * _rows) + first) * width) + lane;
        int last = 0;
        for (int row = 0; row < size; row++, weight += width)
        {
            if (*weight <= 0)
                continue;
            last = row;
            rest -= *weight;
            if (rest < 0)
                break;
        }

        return (int)first + last;
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
        _rows = rows;
        _blocks = (rows + SoftmaxPass.BlockItems - 1) / SoftmaxPass.BlockItems;
        long weights = rows * panels * QueryPanels.Width, groups = _blocks * BlockGroups * panels * QueryPanels.Width;
        if (weights > _weightsCapacity)
        {
            NativeMemory.AlignedFree(_weights);
            _weights = (float*)NativeMemory.AlignedAlloc((nuint)(weights * sizeof(float)), 64);
            _weightsCapacity = weights;
        }

        if (groups > _groupsCapacity)
        {
            NativeMemory.AlignedFree(_maxima);
            NativeMemory.AlignedFree(_sums);
            _maxima = (float*)NativeMemory.AlignedAlloc((nuint)(groups / BlockGroups * sizeof(float)), 64);
            _sums = (float*)NativeMemory.AlignedAlloc((nuint)(groups * sizeof(float)), 64);
            _groupsCapacity = groups;
        }
    }

    /// <summary>Keeps a block of weights [block, W] whose first item is a multiple of the block size.</summary>
    internal void Store(int panel, long firstItem, float* weights, int block, float* maximum, int width)
    {
        Buffer.MemoryCopy(
            weights, _weights + (((panel * _rows) + firstItem) * width), long.MaxValue, (long)block * width * sizeof(float));
        long number = (panel * _blocks) + (firstItem / SoftmaxPass.BlockItems);
        new ReadOnlySpan<float>(maximum, width).CopyTo(new Span<float>(_maxima + (number * width), width));
        for (int group = 0; group < BlockGroups; group++)
        {
            Span<float> sum = new(_sums + (((number * BlockGroups) + group) * width), width);
            sum.Clear();
            for (int row = group * GroupItems; row < Math.Min(block, (group + 1) * GroupItems); row++)
                TensorPrimitives.Add(sum, new ReadOnlySpan<float>(weights + (row * width), width), sum);
        }
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
        NativeMemory.AlignedFree(_sums);
        _weights = null;
        _maxima = null;
        _sums = null;
    }
}
