using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace KernelPolicy.Kernels;

/// <summary>
/// Joins the <see cref="PartialSums"/> of all pieces of a catalogue, in order, in double precision: first ln Z of each query
/// and the share of each piece in it, then E_π[β] and E_π[rβ], some rows of [L, W] at a time.
/// </summary>
/// <remarks>Bound by reading the sums once, in the order in which they lie: with a query a lane, a query at a time would read
/// a line for every number.</remarks>
internal sealed unsafe class PartialJoin(double[] logZ, double[] meanReward, Matrix meanItem, Matrix meanRewardedItem)
    : IParallelWork, IDisposable
{
    /// <summary>Rows of [L, W] that one thread joins at a time.</summary>
    private const int RowsTogether = 8;

    /// <summary>Lanes that are joined at a time; every width is a multiple of it.</summary>
    private const int LanesTogether = 8;

    private readonly ShareStep _shareStep = new(logZ, meanReward);
    private PartialTable _partials;

    /// <summary>Joins the sums of the first <paramref name="count"/> queries.</summary>
    public void Run(PartialTable partials, int count, WorkerTeam team)
    {
        _partials = partials;
        _shareStep.Reserve(partials);
        team.Run(_shareStep, count);
        team.Run(this, partials.Panels * Chunks);
    }

    /// <inheritdoc/>
    public void Dispose() => _shareStep.Dispose();

    void IParallelWork.Execute(int index, int worker)
    {
        int panel = index / Chunks, first = index % Chunks * RowsTogether;
        int rows = Math.Min(RowsTogether, _partials.Dimension - first), width = _partials.Width;
        int firstQuery = panel * width, queries = Math.Min(width, logZ.Length - firstQuery);
        Span<double> sums = stackalloc double[RowsTogether * QueryPanels.Width];
        Join(panel, (long)first * width, sums[..(rows * width)], rewarded: false);
        Write(meanItem, sums, firstQuery, queries, first, rows);
        if (_partials.Rewarded)
            Join(panel, (long)first * width, sums[..(rows * width)], rewarded: true);
        else
            sums.Clear();
        Write(meanRewardedItem, sums, firstQuery, queries, first, rows);
    }

    private int Chunks => (_partials.Dimension + RowsTogether - 1) / RowsTogether;

    private void Join(int panel, long offset, Span<double> sums, bool rewarded)
    {
        sums.Clear();
        fixed (double* target = sums)
        {
            for (int piece = 0; piece < _partials.Pieces; piece++)
            {
                PartialSums partial = _partials[piece, panel];
                float* source = (rewarded ? partial.RewardedItem : partial.Item) + offset;
                double* shares = _shareStep[piece, panel];
                for (int i = 0; i < sums.Length; i += LanesTogether)
                {
                    double* share = shares + (i % _partials.Width);
                    (Vector256<double> lower, Vector256<double> upper) = Vector256.Widen(Vector256.Load(source + i));
                    (Vector256.Load(target + i) + (lower * Vector256.Load(share))).Store(target + i);
                    (Vector256.Load(target + i + 4) + (upper * Vector256.Load(share + 4))).Store(target + i + 4);
                }
            }
        }
    }

    private void Write(Matrix means, ReadOnlySpan<double> sums, int firstQuery, int queries, int firstRow, int rows)
    {
        for (int lane = 0; lane < queries; lane++)
        {
            Span<float> mean = means.Row(firstQuery + lane);
            for (int row = 0; row < rows; row++)
                mean[firstRow + row] = (float)sums[(row * _partials.Width) + lane];
        }
    }

    /// <summary>ln Z and E_π[r] of one query, and e^{m − ln Z} of each piece.</summary>
    private sealed class ShareStep(double[] logZ, double[] meanReward) : IParallelWork, IDisposable
    {
        private PartialTable _partials;
        private double* _shares;
        private long _capacity;

        ~ShareStep() => Free();

        public double* this[int piece, int panel] => _shares + ((((long)piece * _partials.Panels) + panel) * _partials.Width);

        public void Reserve(PartialTable partials)
        {
            _partials = partials;
            long needed = (long)partials.Pieces * partials.Panels * partials.Width;
            if (needed > _capacity)
            {
                Free();
                _shares = (double*)NativeMemory.AlignedAlloc((nuint)(needed * sizeof(double)), 64);
                _capacity = needed;
            }

            // Lanes without a query are joined too.
            NativeMemory.Clear(_shares, (nuint)(needed * sizeof(double)));
        }

        public void Execute(int index, int worker)
        {
            int panel = index / _partials.Width, lane = index % _partials.Width;
            double maximum = double.NegativeInfinity;
            for (int piece = 0; piece < _partials.Pieces; piece++)
                maximum = Math.Max(maximum, _partials[piece, panel].Reference[lane]);
            double total = 0, reward = 0;
            for (int piece = 0; piece < _partials.Pieces; piece++)
            {
                PartialSums sums = _partials[piece, panel];
                double scale = Math.Exp(sums.Reference[lane] - maximum);
                this[piece, panel][lane] = scale;
                total += scale * sums.Weight[lane];
                reward += scale * sums.Reward[lane];
            }

            for (int piece = 0; piece < _partials.Pieces; piece++)
                this[piece, panel][lane] /= total;
            logZ[index] = maximum + Math.Log(total);
            meanReward[index] = reward / total;
        }

        public void Dispose()
        {
            Free();
            GC.SuppressFinalize(this);
        }

        private void Free()
        {
            NativeMemory.AlignedFree(_shares);
            _shares = null;
            _capacity = 0;
        }
    }
}
