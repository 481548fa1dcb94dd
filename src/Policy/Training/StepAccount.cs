using System.Diagnostics;
using KernelPolicy.Kernels;

namespace KernelPolicy.Policy;

/// <summary>
/// Asks for the steps of a training, waits for them where their tables or figures are needed, and adds up their sums and
/// seconds.
/// </summary>
/// <remarks>The seconds are those from the first step asked for to the end of its collection: what is done between a
/// collection and the next step does not count. Not thread-safe.</remarks>
internal sealed class StepAccount
{
    private readonly ITrainingSteps _steps;
    private StepSums _collected;

    // When the first step that is not collected was asked for; null where all are.
    private long? _start;
    private bool _isPulled = true;
    private bool _hasFailed;

    /// <summary>Takes the steps of a training.</summary>
    /// <exception cref="ArgumentException">Their tables do not fit the problem, or they do not join what is spread over a group.</exception>
    public StepAccount(ITrainingSteps steps, TrainingProblem problem, ITrainingGroup? group)
    {
        bool isSpread = steps.JoinsRanks || problem.Shares.Own.Count < problem.Shares.Shares;
        if (isSpread && (group is null || !steps.JoinsRanks))
        {
            throw new ArgumentException(
                "Contexts spread over ranks take both: steps that join their gradients with the other ranks', and the group of these ranks.", nameof(group));
        }

        CheckShape(steps.Theta, "Θ");
        CheckShape(steps.FirstMoment, "m");
        CheckShape(steps.SecondMoment, "v");
        _steps = steps;

        void CheckShape(Matrix table, string name)
        {
            int dimension = problem.Items.Columns;
            if (table.Rows != dimension || table.Columns != dimension)
            {
                throw new ArgumentException(
                    $"{name} of the steps is [{table.Rows}, {table.Columns}]; items have {dimension} dimensions.", nameof(steps));
            }
        }
    }

    /// <summary>The mean over the batches that were collected last; NaN where none were.</summary>
    public BatchStatistics Batch => _collected.Mean;

    /// <summary>Begins with Θ and moments of zero.</summary>
    public void Begin(Matrix theta)
    {
        _steps.Theta.CopyFrom(theta);
        _steps.FirstMoment.Clear();
        _steps.SecondMoment.Clear();
        foreach (TrainedTable table in _steps.Tables)
            table.Begin();
        _steps.Memory?.Clear();
        Push();
    }

    /// <summary>Asks for a step.</summary>
    public void Run(long first, int count, double learningRate, TrainingState state)
    {
        long start = Stopwatch.GetTimestamp();
        _isPulled = false;
        _steps.Run(first, count, state.Step, learningRate);
        _start ??= start;
        state.Step++;
        if (_steps.IsSynchronous)
            Collect(state);
    }

    /// <summary>Waits until all steps are done.</summary>
    /// <exception cref="TrainingDivergedException">Numbers are no longer finite.</exception>
    /// <exception cref="InvalidOperationException">Steps have failed before, and the tables are theirs.</exception>
    public void Collect(TrainingState state)
    {
        if (_hasFailed)
            throw new InvalidOperationException("Steps have failed, and what they made is not to be used. Resume from a checkpoint.");
        if (_start is not { } start)
            return;
        _start = null;
        _hasFailed = true;
        _collected = _steps.Collect();
        _hasFailed = false;
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        state.TrainSeconds += seconds;
        state.Sums.Add(_collected, seconds);
    }

    /// <summary>Waits until all steps are done and brings the host tables up to date.</summary>
    /// <inheritdoc cref="Collect" path="/exception"/>
    public void Settle(TrainingState state)
    {
        Collect(state);
        if (!_isPulled)
            _steps.Pull();
        _isPulled = true;
    }

    /// <summary>Goes on from the host tables.</summary>
    public void Push()
    {
        _hasFailed = true;
        _steps.Push();
        (_start, _collected, _isPulled, _hasFailed) = (null, default, true, false);
    }
}
