using System.Runtime.Intrinsics;
using KernelPolicy.Kernels;

namespace KernelPolicy.Data;

/// <summary>
/// Y = A·X for a sparse A of ones: row i of Y [rows, l] is the sum of the rows of X that row i of A names.
/// </summary>
/// <remarks>Overwrites Y. Each row is summed by one worker in the order of its entries, in single precision, so the
/// result is the same at any number of threads. Bound by memory: one row of X is fetched for each entry.</remarks>
internal sealed unsafe class SparseProduct : IParallelWork
{
    private const int PiecesPerThread = 16;

    private readonly SparseRows _rows;
    private readonly Matrix _source;
    private readonly Matrix _target;
    private readonly int _pieces;

    private SparseProduct(SparseRows rows, Matrix source, Matrix target, int pieces)
    {
        _rows = rows;
        _source = source;
        _target = target;
        _pieces = pieces;
    }

    /// <summary>Overwrites <paramref name="target"/> with rows · source.</summary>
    public static void Multiply(SparseRows rows, Matrix source, Matrix target, WorkerTeam team)
    {
        int pieces = Math.Max(1, Math.Min(rows.Count, team.Threads * PiecesPerThread));
        team.Run(new SparseProduct(rows, source, target, pieces), pieces);
    }

    /// <inheritdoc/>
    public void Execute(int index, int worker)
    {
        int stride = _source.Stride;
        float* source = _source.Pointer;
        int end = Border(index + 1);
        for (int row = Border(index); row < end; row++)
        {
            float* sum = _target.RowPointer(row);
            new Span<float>(sum, stride).Clear();
            foreach (int item in _rows[row])
                Add(sum, source + ((long)item * stride), stride);
        }
    }

    private static void Add(float* sum, float* addend, int stride)
    {
        for (int i = 0; i < stride; i += Vector512<float>.Count)
            (Vector512.LoadAligned(sum + i) + Vector512.LoadAligned(addend + i)).StoreAligned(sum + i);
    }

    /// <summary>First row of a piece: pieces hold about as many entries and rows each, since users differ a lot.</summary>
    private int Border(int piece)
    {
        if (piece >= _pieces)
            return _rows.Count;
        ReadOnlySpan<long> offsets = _rows.Offsets;
        double share = (double)piece / _pieces * (_rows.ItemCount + _rows.Count);
        int low = 0;
        int high = _rows.Count;
        while (low < high)
        {
            int middle = low + ((high - low) / 2);
            if (offsets[middle] + middle < share)
                low = middle + 1;
            else
                high = middle;
        }

        return low;
    }
}
