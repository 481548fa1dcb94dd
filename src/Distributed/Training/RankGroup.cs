using KernelPolicy.Policy;

namespace KernelPolicy.Distributed;

/// <summary>The ranks of one training, for its <see cref="Trainer"/>.</summary>
/// <remarks>Not thread-safe; collective like its communicator.</remarks>
public sealed unsafe class RankGroup : ITrainingGroup, IDisposable
{
    /// <summary>Steps between two questions whether to stop, where no exchange carries the answer.</summary>
    internal const int StepsBetweenQuestions = 16;

    private readonly ICommunicator _communicator;
    private readonly RankGathering _numbers;
    private bool _isAsked;
    private bool _isAgreed;

    /// <summary>Takes the ranks.</summary>
    /// <param name="communicator">They; it stays the caller's.</param>
    public RankGroup(ICommunicator communicator)
    {
        ArgumentNullException.ThrowIfNull(communicator);
        _communicator = communicator;
        _numbers = new RankGathering(communicator, 1);
    }

    /// <inheritdoc/>
    public int Rank => _communicator.Rank;

    /// <inheritdoc/>
    public int Size => _communicator.Size;

    /// <summary>Whether an exchange that is made in every step carries the wish to stop.</summary>
    internal bool IsCarried { get; set; }

    /// <summary>Whether this rank is asked to stop.</summary>
    internal bool IsAsked => _isAsked;

    /// <inheritdoc/>
    public bool StopsBefore(long step, bool isAsked)
    {
        _isAsked = isAsked;
        if (!IsCarried && step % StepsBetweenQuestions == 0)
            _isAgreed = Sum(isAsked ? 1 : 0) > 0;
        return _isAgreed;
    }

    /// <inheritdoc/>
    public double Sum(double value)
    {
        ReadOnlySpan<double> values = _numbers.Run(value);
        double sum = 0;
        foreach (double one in values)
            sum += one;
        return sum;
    }

    /// <inheritdoc/>
    public void Broadcast(Span<byte> values) => _communicator.Broadcast(values);

    /// <inheritdoc/>
    public void Dispose() => _numbers.Dispose();

    /// <summary>Takes what an exchange has carried, the same on every rank.</summary>
    internal void Carried(bool isAsked) => _isAgreed = isAsked;
}
