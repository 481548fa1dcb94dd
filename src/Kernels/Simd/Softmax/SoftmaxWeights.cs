using System.Runtime.InteropServices;

namespace KernelPolicy.Kernels;

/// <summary>
/// The weights e^{f−m} of a whole batch [B, P], kept by <see cref="SoftmaxPass"/> so that items can be drawn from π: the
/// O(B·P) memory that only the REINFORCE baseline pays.
/// </summary>
/// <remarks>Weights of a block of 96 items share one maximum m; sums over blocks are kept beside them, so that a draw
/// searches the blocks and then one block. Draws of different queries may be made at once, each with its own
/// cumulative sums. Filled by one pass at a time.</remarks>
public sealed unsafe class SoftmaxWeights : IDisposable
{
    private float* _weights;
    private float* _maxima;
    private float* _sums;
    private long _weightsCapacity;
    private long _blocksCapacity;
    private long _rows;
    private long _blocks;

    /// <summary>Frees memory that nobody disposed.</summary>
    ~SoftmaxWeights() => Free();

    /// <summary>Blocks in the catalogue: the length of the cumulative sums.</summary>
    public int Blocks => checked((int)_blocks);

    /// <summary>Writes the cumulative mass of the blocks for one query [blocks], the last being 1 within rounding.</summary>
    /// <param name="query">Which query of the batch.</param>
    /// <param name="logZ">ln Z of that query.</param>
    /// <param name="cumulative">Receives the cumulative mass.</param>
    public void Cumulate(int query, double logZ, Span<double> cumulative)
    {
        int width = QueryPanels.Width;
        long at = ((long)(query / width) * _blocks * width) + (query % width);
        double sum = 0;
        for (int block = 0; block < cumulative.Length; block++, at += width)
        {
            sum += _sums[at] * Math.Exp(_maxima[at] - logZ);
            cumulative[block] = sum;
        }
    }

    /// <summary>The item at which the cumulative mass of π passes <paramref name="unit"/>·1: inverse transform.</summary>
    /// <param name="query">Which query of the batch.</param>
    /// <param name="cumulative">What <see cref="Cumulate"/> wrote for it.</param>
    /// <param name="unit">A uniform number in [0, 1).</param>
    public int Draw(int query, ReadOnlySpan<double> cumulative, double unit)
    {
        double target = unit * cumulative[^1];
        int block = cumulative.BinarySearch(target);
        block = block < 0 ? ~block : block + 1;
        block = Math.Min(block, cumulative.Length - 1);
        double before = block == 0 ? 0 : cumulative[block - 1];
        int width = QueryPanels.Width, lane = query % width;
        long panel = query / width;
        double blockMass = cumulative[block] - before;
        float blockSum = _sums[(((panel * _blocks) + block) * width) + lane];
        float rest = blockMass > 0 ? (float)((target - before) / blockMass * blockSum) : 0;
        long first = (long)block * SoftmaxPass.BlockItems;
        int size = (int)Math.Min(SoftmaxPass.BlockItems, _rows - first);
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
        long weights = rows * panels * QueryPanels.Width, blocks = _blocks * panels * QueryPanels.Width;
        if (weights > _weightsCapacity)
        {
            NativeMemory.AlignedFree(_weights);
            _weights = (float*)NativeMemory.AlignedAlloc((nuint)(weights * sizeof(float)), 64);
            _weightsCapacity = weights;
        }

        if (blocks > _blocksCapacity)
        {
            NativeMemory.AlignedFree(_maxima);
            NativeMemory.AlignedFree(_sums);
            _maxima = (float*)NativeMemory.AlignedAlloc((nuint)(blocks * sizeof(float)), 64);
            _sums = (float*)NativeMemory.AlignedAlloc((nuint)(blocks * sizeof(float)), 64);
            _blocksCapacity = blocks;
        }
    }

    /// <summary>Keeps a block of weights [block, W] whose first item is a multiple of the block size.</summary>
    internal void Store(int panel, long firstItem, float* weights, int block, float* maximum, int width)
    {
        Buffer.MemoryCopy(
            weights, _weights + (((panel * _rows) + firstItem) * width), long.MaxValue, (long)block * width * sizeof(float));
        long at = ((panel * _blocks) + (firstItem / SoftmaxPass.BlockItems)) * width;
        for (int lane = 0; lane < width; lane++)
        {
            float sum = 0;
            for (int row = 0; row < block; row++)
                sum += weights[(row * width) + lane];
            _maxima[at + lane] = maximum[lane];
            _sums[at + lane] = sum;
        }
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
