using System.Diagnostics;
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
    private readonly RankGathering _questions;
    private readonly RankPace? _pace;
    private readonly float[] _worked;
    private bool _isAsked;
    private bool _isAgreed;
    private long _questioned;
    private double _waited;

    /// <summary>Takes the ranks.</summary>
    /// <param name="communicator">They; it stays the caller's.</param>
    /// <param name="pace">Hears how long each rank works, where no exchange of every step tells it; null for nobody.</param>
    public RankGroup(ICommunicator communicator, RankPace? pace = null)
    {
        ArgumentNullException.ThrowIfNull(communicator);
        (_communicator, _pace) = (communicator, pace);
        _numbers = new RankGathering(communicator, 1);
        _questions = new RankGathering(communicator, 2);
        _worked = new float[communicator.Size];
    }

    /// <summary>Says how many seconds this rank has waited for others so far; null where nobody knows.</summary>
    public Func<double>? WaitedSeconds { get; set; }

    /// <inheritdoc/>
    public int Rank => _communicator.Rank;

    /// <inheritdoc/>
    public int Size => _communicator.Size;

    /// <summary>Whether an exchange that is made in every step carries the wish to stop.</summary>
    internal bool IsCarried { get; set; }

    /// <summary>Whether all ranks have stopped before a step, as they agreed to.</summary>
    public bool HasStopped { get; private set; }

    /// <summary>Whether this rank is asked to stop.</summary>
    internal bool IsAsked => _isAsked;

    /// <inheritdoc/>
    public bool StopsBefore(long stepsDone, bool isAsked)
    {
        _isAsked = isAsked;
        if (!IsCarried && stepsDone % StepsBetweenQuestions == 0)
            Question(stepsDone);
        bool stops = _isAgreed;
        HasStopped |= stops;
        // A trainer that is run once more is asked anew.
        _isAgreed = false;
        return stops;
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
    public void Dispose()
    {
        _numbers.Dispose();
        _questions.Dispose();
    }

    /// <summary>Takes what an exchange has carried, the same on every rank.</summary>
    internal void Carried(bool isAsked) => _isAgreed = isAsked;

    // Asks all whether one is asked to stop, and how long they have worked since.
    private void Question(long stepsDone)
    {
        double waited = WaitedSeconds?.Invoke() ?? 0;
        double worked = _questioned == 0 ? 0 : Stopwatch.GetElapsedTime(_questioned).TotalSeconds - (waited - _waited);
        ReadOnlySpan<double> answers = _questions.Run([_isAsked ? 1 : 0, worked / StepsBetweenQuestions]);
        (_questioned, _waited, _isAgreed) = (Stopwatch.GetTimestamp(), waited, false);
        for (int rank = 0; rank < _worked.Length; rank++)
        {
            _isAgreed |= answers[2 * rank] > 0;
            _worked[rank] = (float)answers[(2 * rank) + 1];
        }

        if (stepsDone > 0)
            _pace?.Add(_worked, StepsBetweenQuestions);
    }
}
