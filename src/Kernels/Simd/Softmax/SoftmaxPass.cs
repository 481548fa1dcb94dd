using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace KernelPolicy.Kernels;

/// <summary>Rewards of consecutive items for one query of a batch, as <see cref="SoftmaxPass"/> asks for them.</summary>
public interface IBlockReward
{
    /// <summary>Writes r(a, x) for items firstItem to firstItem + rewards.Length − 1. Called from several threads.</summary>
    void Fill(int query, int firstItem, Span<float> rewards);
}

/// <summary>
/// The exact O(P·L) sums of the softmax policy for a batch: Z = Σ_a e^{f_a}, E_π[β] = Σ_a π_a β_a and, where a reward is
/// given, E_π[r] and E_π[rβ]. H [B, L], β [P, L] → [B] and [B, L].
/// </summary>
/// <remarks>
/// <para>Bound by arithmetic: 4·B·P·L operations. The catalogue goes by in blocks of 96 items; each block is scored for a
/// panel of queries, exponentiated against a running reference, and multiplied back into E_π[β], so that no [B, P] array
/// exists (unless <see cref="KeepWeights"/> asks for it: REINFORCE draws from π need one).</para>
/// <para>The catalogue is divided into at most 64 ranges that depend on P alone; their partial sums are joined in order in
/// double precision, hence the same result at any number of threads. Not thread-safe: one pass at a time.</para>
/// </remarks>
public sealed unsafe class SoftmaxPass : IParallelWork, IDisposable
{
    internal const int BlockItems = 96;
    private const int MostPieces = 64;
    private const int FewestPieceBlocks = 4;

    /// <summary>Of one worker: scores of a block for the widest panel, and rewards of its items.</summary>
    private const int ScratchFloats = BlockItems * (32 + 1);

    private readonly QueryPanels _panels = new();
    private readonly PartialJoin _join;
    private float* _partialsMemory;
    private PartialTable _partials;
    private long _partialsCapacity;
    private float* _scratch;
    private int _scratchWorkers;
    private Matrix? _items;
    private IBlockReward? _reward;
    private int _queries;
    private long _pieceItems;

    /// <summary>Makes a pass for up to <paramref name="batchSize"/> queries over items of <paramref name="dimension"/>
    /// dimensions.</summary>
    public SoftmaxPass(int batchSize, int dimension)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        LogZ = new double[batchSize];
        MeanReward = new double[batchSize];
        MeanItem = new Matrix(batchSize, dimension);
        MeanRewardedItem = new Matrix(batchSize, dimension);
        _join = new PartialJoin(LogZ, MeanReward, MeanItem, MeanRewardedItem);
    }

    /// <summary>Frees memory that nobody disposed.</summary>
    ~SoftmaxPass() => Free();

    /// <summary>ln Z of each query [B].</summary>
    public double[] LogZ { get; }

    /// <summary>E_π[r] of each query [B]; zero where no reward was given.</summary>
    public double[] MeanReward { get; }

    /// <summary>E_π[β] of each query [B, L].</summary>
    public Matrix MeanItem { get; }

    /// <summary>E_π[rβ] of each query [B, L]; zero where no reward was given.</summary>
    public Matrix MeanRewardedItem { get; }

    /// <summary>Receives every weight e^{f − max} of the batch, for draws from π; null to keep none.</summary>
    public SoftmaxWeights? KeepWeights { get; init; }

    /// <summary>Makes the sums of the first <paramref name="count"/> queries.</summary>
    /// <param name="items">β [P, L].</param>
    /// <param name="queries">H [≥ count, L].</param>
    /// <param name="count">Queries, at most the batch size.</param>
    /// <param name="reward">A reward that may be non-zero anywhere, or null: rewards known to be non-zero at few items
    /// only are better added by the caller.</param>
    /// <param name="team">Threads to use.</param>
    /// <exception cref="ArgumentException">A shape does not fit.</exception>
    public void Run(Matrix items, Matrix queries, int count, IBlockReward? reward, WorkerTeam team)
    {
        ArgumentNullException.ThrowIfNull(items);
        ArgumentNullException.ThrowIfNull(queries);
        ArgumentNullException.ThrowIfNull(team);
        if (items.Rows < 1 || queries.Columns != items.Columns || MeanItem.Columns != items.Columns)
            throw new ArgumentException($"β [{items.Rows}, {items.Columns}] and H [{queries.Rows}, {queries.Columns}] do not fit.");
        if (count < 0 || count > queries.Rows || count > LogZ.Length)
            throw new ArgumentOutOfRangeException(nameof(count), count, $"It must lie in 0 to {LogZ.Length}.");
        if (count == 0)
            return;
        long blocks = (items.Rows + BlockItems - 1) / BlockItems;
        long pieceBlocks = Math.Max(FewestPieceBlocks, (blocks + MostPieces - 1) / MostPieces);
        _pieceItems = pieceBlocks * BlockItems;
        int pieces = (int)((blocks + pieceBlocks - 1) / pieceBlocks);
        (_items, _reward, _queries) = (items, reward, count);
        _panels.Pack(queries, count);
        KeepWeights?.Reserve(items.Rows, _panels.Count);
        ReservePartials(pieces, reward is not null);
        ReserveScratch(team.Threads);
        team.Run(this, pieces);
        _join.Run(_partials, count, team);
        (_items, _reward) = (null, null);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _panels.Dispose();
        _join.Dispose();
        MeanItem.Dispose();
        MeanRewardedItem.Dispose();
        Free();
        GC.SuppressFinalize(this);
    }

    void IParallelWork.Execute(int index, int worker)
    {
        switch (SimdPath.Width)
        {
            case 512: SumPiece<Isa512, Vector512<float>>(index, worker); break;
            case 256: SumPiece<Isa256, Vector256<float>>(index, worker); break;
            default: SumPiece<Isa128, Vector128<float>>(index, worker); break;
        }
    }

    private void SumPiece<TIsa, TVector>(int piece, int worker)
        where TIsa : struct, IVectorIsa<TVector>
        where TVector : struct
    {
        Matrix items = _items!;
        int width = 2 * TIsa.Count;
        int dimension = items.Columns;
        float* scores = _scratch + ((long)worker * ScratchFloats);
        for (int panel = 0; panel < _panels.Count; panel++)
            _partials[piece, panel].Clear();
        long end = Math.Min(items.Rows, (piece + 1) * _pieceItems);
        for (long first = piece * _pieceItems; first < end; first += BlockItems)
        {
            int block = (int)Math.Min(BlockItems, end - first);
            float* rows = items.RowPointer(first);
            for (int panel = 0; panel < _panels.Count; panel++)
            {
                PartialSums sums = _partials[piece, panel];
                Score<TIsa, TVector>(rows, items.Stride, _panels[panel], scores, block, panel == 0 && first + BlockItems < end);
                sums.Exponentiate<TIsa, TVector>(scores, block);
                MatrixProduct.Multiply<TIsa, TVector>(
                    rows, 1, items.Stride, scores, width, sums.Item, width, dimension, width, block, accumulate: true);
                KeepWeights?.Store<TIsa, TVector>(panel, first, scores, block, sums.Reference);
                if (_reward is null)
                    continue;
                Reward<TIsa, TVector>(scores, scores + (BlockItems * width), block, (int)first, panel * width, sums);
                MatrixProduct.Multiply<TIsa, TVector>(
                    rows, 1, items.Stride, scores, width, sums.RewardedItem, width, dimension, width, block, accumulate: true);
            }
        }
    }

    /// <summary>Scores of a block of items [block, W] for a panel, tile by tile; with each tile it starts the loads of as many
    /// rows of the next block where <paramref name="fetchNext"/>, so that memory works while the processor does.</summary>
    private void Score<TIsa, TVector>(float* rows, int stride, float* panel, float* scores, int block, bool fetchNext)
        where TIsa : struct, IVectorIsa<TVector>
        where TVector : struct
    {
        int width = 2 * TIsa.Count;
        for (int row = 0; row < block; row += MatrixProduct.TileRows)
        {
            if (fetchNext)
                Prefetch.Stream((byte*)(rows + ((long)(row + BlockItems) * stride)), MatrixProduct.TileRows * stride * sizeof(float));
            MatrixProduct.Multiply<TIsa, TVector>(
                rows + ((long)row * stride), stride, 1, panel, width, scores + (row * width), width,
                Math.Min(MatrixProduct.TileRows, block - row), width, _panels.Dimension, accumulate: false);
        }
    }

    private void Reward<TIsa, TVector>(float* weights, float* rewards, int block, int firstItem, int firstQuery, PartialSums sums)
        where TIsa : struct, IVectorIsa<TVector>
        where TVector : struct
    {
        int width = 2 * TIsa.Count;
        for (int lane = 0; lane < width && firstQuery + lane < _queries; lane++)
        {
            _reward!.Fill(firstQuery + lane, firstItem, new Span<float>(rewards, block));
            for (int row = 0; row < block; row++)
                weights[(row * width) + lane] *= rewards[row];
        }

        sums.AddRewards<TIsa, TVector>(weights, block);
    }

    private void ReservePartials(int pieces, bool rewarded)
    {
        (int panels, int dimension, int width) = (_panels.Count, _panels.Dimension, QueryPanels.Width);
        long needed = PartialTable.Floats(pieces, panels, dimension, width, rewarded);
        if (needed > _partialsCapacity)
        {
            NativeMemory.AlignedFree(_partialsMemory);
            _partialsMemory = (float*)NativeMemory.AlignedAlloc((nuint)(needed * sizeof(float)), 64);
            _partialsCapacity = needed;
        }

        _partials = new PartialTable(_partialsMemory, pieces, panels, dimension, width, rewarded);
    }

    private void ReserveScratch(int workers)
    {
        if (workers > _scratchWorkers)
        {
            NativeMemory.AlignedFree(_scratch);
            _scratch = (float*)NativeMemory.AlignedAlloc((nuint)((long)workers * ScratchFloats * sizeof(float)), 64);
            _scratchWorkers = workers;
        }
    }

    private void Free()
    {
        NativeMemory.AlignedFree(_partialsMemory);
        NativeMemory.AlignedFree(_scratch);
        _partialsMemory = null;
        _scratch = null;
    }
}
