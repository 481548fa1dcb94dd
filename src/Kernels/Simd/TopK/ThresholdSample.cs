using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace KernelPolicy.Kernels;

/// <summary>
/// First thresholds for a scan: scores of a sample of the catalogue, and for each query a score that somewhat more than
/// K items of the catalogue will probably reach.
/// </summary>
/// <remarks>
/// <para>Without it a scan begins by taking every item, and takes K·(1 + ln(P/K)) a query in all. The best K contain
/// about r₀ = K·S/P items of a sample of S, a binomial number of deviation at most √r₀; a threshold that at least
/// r₀ + 3.5√r₀ + 2 items of the sample reach is above the K-th best score about once in some thousand queries. The scan
/// sees that, for it then finds fewer than K, and repeats.</para>
/// <para>The sample has one item in each of S equal ranges, at a place in it that a hash chooses: a catalogue that repeats
/// itself does not deceive it.</para>
/// </remarks>
internal sealed unsafe class ThresholdSample : IParallelWork, IDisposable
{
    private const int ChunkItems = 48;
    private const int MostItems = 4080;
    private const int MostSteps = 24;

    private readonly BisectStep _bisect;
    private readonly QueryPanels _panels;
    private float[] _thresholds = [];
    private float* _rows;
    private float* _scores;
    private long _rowFloats;
    private long _scoreFloats;
    private Matrix? _items;
    private int _size;
    private int _rank;

    /// <summary>Makes a sample for the queries in <paramref name="panels"/>.</summary>
    public ThresholdSample(QueryPanels panels)
    {
        _panels = panels;
        _bisect = new BisectStep(this);
    }

    /// <summary>Frees memory that nobody disposed.</summary>
    ~ThresholdSample() => Free();

    /// <summary>One for each lane of the panels; −∞ where the sample has nothing to say.</summary>
    public ReadOnlySpan<float> Thresholds => _thresholds;

    /// <summary>S for K of <paramref name="rows"/> items.</summary>
    /// <remarks>What the sample costs grows with S, what unneeded candidates cost falls as K/√r₀: about (K·P)^⅓ balances
    /// them, and √P where K is so small that the 2 above decides.</remarks>
    public static int SizeFor(long rows, int k)
    {
        double wanted = Math.Max(5 * Math.Cbrt((double)k * rows), Math.Sqrt(8.0 * rows));
        return (int)Math.Min(MostItems, Math.Ceiling(wanted / ChunkItems) * ChunkItems);
    }

    /// <summary>The item at place <paramref name="index"/> of a sample of <paramref name="size"/> from
    /// <paramref name="rows"/>.</summary>
    public static long ItemAt(int index, int size, long rows)
    {
        ulong hash = (uint)index * 2654435761u;
        return (index * rows / size) + (long)((hash * (ulong)(rows / size)) >> 32);
    }

    /// <summary>Sets all thresholds to −∞, for <paramref name="lanes"/> queries.</summary>
    public void Open(int lanes)
    {
        if (_thresholds.Length < lanes)
            _thresholds = new float[lanes];
        _thresholds.AsSpan().Fill(float.NegativeInfinity);
    }

    /// <summary>Finds thresholds for the queries in the panels. Returns whether it set any: K may be too large a part of
    /// the catalogue for a sample to pay.</summary>
    public bool Take(Matrix items, int k, WorkerTeam team)
    {
        Open(_panels.Count * QueryPanels.Width);

        _size = SizeFor(items.Rows, k);
        double mean = (double)k * _size / items.Rows;
        _rank = (int)Math.Ceiling(mean + (3.5 * Math.Sqrt(mean)) + 2);
        if (_rank > _size / 2 || _size > items.Rows / 2)
            return false;
        _items = items;
        Reserve();
        team.Run(this, _size / ChunkItems);
        team.Run(_bisect, 2 * _panels.Count);
        _items = null;
        return true;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    void IParallelWork.Execute(int index, int worker)
    {
        Matrix items = _items!;
        int first = index * ChunkItems, width = QueryPanels.Width;
        nint stride = items.Stride;
        float* rows = _rows + (first * stride);
        for (int i = 0; i < ChunkItems; i++)
        {
            long item = ItemAt(first + i, _size, items.Rows);
            items.PaddedRow(item).CopyTo(new Span<float>(rows + (i * stride), (int)stride));
        }

        for (int panel = 0; panel < _panels.Count; panel++)
        {
            float* scores = _scores + ((((long)panel * _size) + first) * width);
            MatrixProduct.Multiply(
                rows, stride, 1, _panels[panel], width, scores, width, ChunkItems, width, items.Columns, accumulate: false);
        }
    }

    private void Reserve()
    {
        long rowFloats = (long)_size * _items!.Stride, scoreFloats = (long)_size * _panels.Count * QueryPanels.Width;
        if (rowFloats <= _rowFloats && scoreFloats <= _scoreFloats)
            return;
        (rowFloats, scoreFloats) = (Math.Max(rowFloats, _rowFloats), Math.Max(scoreFloats, _scoreFloats));
        Free();
        _rows = (float*)NativeMemory.AlignedAlloc((nuint)(rowFloats * sizeof(float)), 64);
        _rowFloats = rowFloats;
        _scores = (float*)NativeMemory.AlignedAlloc((nuint)(scoreFloats * sizeof(float)), 64);
        _scoreFloats = scoreFloats;
    }

    private void Free()
    {
        NativeMemory.AlignedFree(_rows);
        NativeMemory.AlignedFree(_scores);
        _rows = null;
        _scores = null;
        (_rowFloats, _scoreFloats) = (0, 0);
    }

    /// <summary>Second phase, for one vector of queries: halves the range of their scores until about the wanted number of
    /// the sample is above.</summary>
    private sealed class BisectStep(ThresholdSample sample) : IParallelWork
    {
        // So that the distance of two ends is finite.
        private const float Largest = 1e38f;

        public void Execute(int index, int worker)
        {
            switch (SimdPath.Width)
            {
                case 512: Bisect<Isa512, Vector512<float>>(index); break;
                case 256: Bisect<Isa256, Vector256<float>>(index); break;
                default: Bisect<Isa128, Vector128<float>>(index); break;
            }
        }

        private void Bisect<TIsa, TVector>(int index)
            where TIsa : struct, IVectorIsa<TVector>
            where TVector : struct
        {
            int lanes = TIsa.Count, width = 2 * lanes, size = sample._size;
            float* scores = sample._scores + ((long)(index / 2) * size * width) + (index % 2 * lanes);
            float* low = stackalloc float[lanes];
            float* high = stackalloc float[lanes];
            float* middle = stackalloc float[lanes];
            float* reached = stackalloc float[lanes];
            Ends<TIsa, TVector>(scores, width, size, low, high);
            for (int lane = 0; lane < lanes; lane++)
            {
                low[lane] = Math.Clamp(-low[lane], -Largest, Largest);
                high[lane] = Math.Clamp(high[lane], -Largest, Largest);
            }

            // A threshold is set only where the count has shown it to be low enough, whatever the ends are.
            Span<float> thresholds = sample._thresholds.AsSpan(index * lanes, lanes);
            int rank = sample._rank, enough = rank + (rank / 8);
            bool all = false;
            for (int step = 0; step < MostSteps && !all; step++)
            {
                for (int lane = 0; lane < lanes; lane++)
                    middle[lane] = low[lane] + ((high[lane] - low[lane]) / 2);
                TIsa.Store(Count<TIsa, TVector>(scores, width, size, TIsa.Load(middle)), reached);
                all = true;
                for (int lane = 0; lane < lanes; lane++)
                {
                    bool within = middle[lane] > low[lane] && middle[lane] < high[lane];
                    if (reached[lane] >= rank)
                    {
                        thresholds[lane] = Math.Max(thresholds[lane], middle[lane]);
                        low[lane] = middle[lane];
                        if (reached[lane] <= enough)
                            high[lane] = middle[lane];
                    }
                    else
                    {
                        high[lane] = middle[lane];
                    }

                    all &= !within || low[lane] == high[lane];
                }
            }
        }

        /// <summary>The largest score of each lane, and the smallest with its sign changed. NaN counts for nothing.</summary>
        private static void Ends<TIsa, TVector>(float* scores, nint width, int size, float* negatedLow, float* high)
            where TIsa : struct, IVectorIsa<TVector>
            where TVector : struct
        {
            TVector most = TIsa.Broadcast(float.NegativeInfinity), least = most;
            for (int i = 0; i < size; i++, scores += width)
            {
                TVector score = TIsa.Load(scores);
                most = TIsa.Max(score, most);
                least = TIsa.Max(TIsa.Subtract(TIsa.Zero, score), least);
            }

            TIsa.Store(least, negatedLow);
            TIsa.Store(most, high);
        }

        private static TVector Count<TIsa, TVector>(float* scores, nint width, int size, TVector threshold)
            where TIsa : struct, IVectorIsa<TVector>
            where TVector : struct
        {
            // Several sums, since an addition takes longer than the next may wait; the size is a multiple of four.
            TVector a = TIsa.Zero, b = a, c = a, d = a;
            for (int i = 0; i < size; i += 4, scores += 4 * width)
            {
                a = TIsa.CountWhereGreaterOrEqual(a, TIsa.Load(scores), threshold);
                b = TIsa.CountWhereGreaterOrEqual(b, TIsa.Load(scores + width), threshold);
                c = TIsa.CountWhereGreaterOrEqual(c, TIsa.Load(scores + (2 * width)), threshold);
                d = TIsa.CountWhereGreaterOrEqual(d, TIsa.Load(scores + (3 * width)), threshold);
            }

            return TIsa.Add(TIsa.Add(a, b), TIsa.Add(c, d));
        }
    }
}
