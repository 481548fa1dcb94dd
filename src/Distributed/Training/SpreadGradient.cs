using System.Diagnostics;
using System.Numerics.Tensors;
using KernelPolicy.Kernels;
using KernelPolicy.Policy;

namespace KernelPolicy.Distributed;

/// <summary>
/// Contexts spread over ranks, items whole on each: the gradient of a step is the mean over all ranks' contexts, by one sum over ranks of
/// L² numbers and some few that go with them.
/// </summary>
/// <remarks>
/// <para>With the gradient travel what the batch said of itself, whether a rank is asked to stop, and how long each has worked: 4 (L² + 15
/// + n) bytes in all, rounded up to 64 numbers.</para>
/// <para>The result is the same on every rank, bit for bit, and by any carrier. Allocates nothing a step. Not thread-safe.</para>
/// </remarks>
public sealed class SpreadGradient : IGradientExchange, IDisposable
{
    private const int Width = 64;

    private readonly RankSum _sum;
    private readonly RankGroup _group;
    private readonly int _dimension;
    private readonly int _ranks;
    private readonly int _rank;
    private long _since;
    private double _worked;

    /// <summary>Prepares the exchange.</summary>
    /// <param name="communicator">The ranks; it stays the caller's.</param>
    /// <param name="group">Their group, which hears by this exchange whether to stop.</param>
    /// <param name="dimension">L.</param>
    /// <param name="pace">Hears how long each rank has worked; null for nobody.</param>
    public SpreadGradient(ICommunicator communicator, RankGroup group, int dimension, RankPace? pace = null)
    {
        ArgumentNullException.ThrowIfNull(communicator);
        ArgumentNullException.ThrowIfNull(group);
        ArgumentOutOfRangeException.ThrowIfLessThan(dimension, 1);
        (_group, _dimension, _ranks, _rank, Pace) = (group, dimension, communicator.Size, communicator.Rank, pace);
        _sum = new RankSum(communicator, Length(_ranks, dimension) / Width, Width);
        group.IsCarried = true;
    }

    /// <summary>Who hears how long each rank has worked.</summary>
    public RankPace? Pace { get; }

    /// <summary>What one step sends from this rank to others.</summary>
    public RankTraffic Cost => _sum.Cost;

    /// <summary>Seconds in which this rank had nothing to do but wait for others, since the start.</summary>
    public double WaitSeconds { get; private set; }

    /// <summary>Bytes that one step sends over the network, all ranks together.</summary>
    /// <param name="ranks">n.</param>
    /// <param name="dimension">L.</param>
    public static long TotalBytes(int ranks, int dimension) => RankReduction.TotalBytes(ranks, Length(ranks, dimension) / Width, Width);

    /// <inheritdoc/>
    public void Begin(Matrix gradient, int contexts, BatchStatistics statistics)
    {
        ArgumentNullException.ThrowIfNull(gradient);
        Span<float> values = _sum.Values;
        for (int row = 0; row < _dimension; row++)
            TensorPrimitives.Multiply(gradient.Row(row), contexts, values.Slice(row * _dimension, _dimension));
        Span<float> numbers = values[(_dimension * _dimension)..];
        StepNumbers.Write(numbers, contexts, statistics);
        numbers[StepNumbers.Count] = _group.IsAsked ? 1 : 0;
        Span<float> worked = numbers.Slice(StepNumbers.Count + 1, _ranks);
        worked.Clear();
        worked[_rank] = (float)_worked;
        _sum.Start();
    }

    /// <inheritdoc/>
    public void Advance() => _sum.IsDone();

    /// <inheritdoc/>
    public BatchStatistics Finish(Matrix gradient)
    {
        ArgumentNullException.ThrowIfNull(gradient);
        long start = Stopwatch.GetTimestamp();
        if (_since != 0)
            _worked = Stopwatch.GetElapsedTime(_since, start).TotalSeconds;
        _sum.Wait();
        _since = Stopwatch.GetTimestamp();
        WaitSeconds += Stopwatch.GetElapsedTime(start, _since).TotalSeconds;
        ReadOnlySpan<float> sum = _sum.Sum, numbers = sum[(_dimension * _dimension)..];
        (double contexts, BatchStatistics statistics) = StepNumbers.Read(numbers, _ranks);
        float share = (float)(1 / contexts);
        for (int row = 0; row < _dimension; row++)
            TensorPrimitives.Multiply(sum.Slice(row * _dimension, _dimension), share, gradient.Row(row));
        _group.Carried(numbers[StepNumbers.Count] > 0);
        Pace?.Add(numbers.Slice(StepNumbers.Count + 1, _ranks));
        return statistics;
    }

    /// <inheritdoc/>
    public void Dispose() => _sum.Dispose();

    private static int Length(int ranks, int dimension) =>
        checked(((dimension * dimension) + StepNumbers.Count + 1 + ranks + Width - 1) / Width * Width);
}
