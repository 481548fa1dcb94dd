using KernelPolicy.Index;
using KernelPolicy.Kernels;

namespace KernelPolicy.Policy;

/// <summary>
/// The audits of a training: of the recall of its index and of its estimator of the gradient. Each is done once after a number of steps,
/// however often the training is stopped there, and noted in its state.
/// </summary>
/// <remarks>The index comes before the gradient, which is audited with the top K as the next steps will find it. Not thread-safe.</remarks>
internal sealed class TrainingAudits : IDisposable
{
    private readonly ITrainingSteps _steps;
    private readonly StepAccount _account;
    private readonly IndexAuditor? _index;
    private readonly GradientAuditor? _gradient;
    private readonly bool _auditsGradient;
    private readonly ITrainingGroup _group;

    /// <summary>Reserves what the audits need.</summary>
    /// <param name="problem">The training contexts.</param>
    /// <param name="steps">The steps; their index is audited, and their estimator where it is on the host.</param>
    /// <param name="account">What waits for them.</param>
    /// <param name="index">The index of validation, audited where the steps ask none.</param>
    /// <param name="options">What is audited, and how.</param>
    /// <param name="team">Threads to use.</param>
    /// <param name="group">The ranks; rank 0 audits, and the others do as it found.</param>
    /// <exception cref="ArgumentException">The index searches other items.</exception>
    public TrainingAudits(
        TrainingProblem problem, ITrainingSteps steps, StepAccount account, IMipsIndex? index, TrainingOptions options, WorkerTeam team,
        ITrainingGroup group)
    {
        (_steps, _account, _group) = (steps, account, group);
        _index = IndexAuditor.For(problem, steps, index, options, team);
        _auditsGradient = options.BiasAuditContexts > 0 && steps.Estimator is not null;
        _gradient = group.Rank == 0 ? GradientAuditor.For(problem, steps.Estimator, options, team) : null;
    }

    /// <summary>What of them shapes a training; empty where they only measure.</summary>
    public string Fingerprint => _index?.Fingerprint ?? "";

    /// <summary>β of the last build of a graph over moving items; null where there is none to keep.</summary>
    public Matrix? BuiltItems => _index?.BuiltItems;

    /// <summary>Begins a training with the index as it was made, unless it was audited before the first step already.</summary>
    public void Begin(TrainingState state)
    {
        if (state.Audits.Count == 0)
            _index?.Restore(null);
    }

    /// <summary>Lets the index be what it was at a checkpoint.</summary>
    public void Restore(TrainingState state, Matrix? builtItems)
    {
        _index?.Restore(state.Guard);
        if (builtItems is not null)
            _index?.RestoreBuild(builtItems, state.Rebuilds);
    }

    /// <summary>Notes for a checkpoint what the index is.</summary>
    public void Note(TrainingState state)
    {
        state.Guard = _index?.State;
        state.Rebuilds = _index?.Rebuilds ?? 0;
    }

    /// <summary>Audits the index, and acts where it is to.</summary>
    /// <param name="epoch">The epoch that has just ended; 0 before the first, null within one.</param>
    /// <param name="state">Where the training stands.</param>
    /// <param name="report">Told of a new audit.</param>
    /// <returns>What was found after these steps, now or earlier; null where no index is audited.</returns>
    public RecallCheck? OfIndex(int? epoch, TrainingState state, Action<IndexAudit> report)
    {
        if (_index is null)
            return null;
        if (state.Audits is [.., { } last] && last.Step == state.Step)
            return last.Check;
        _account.Settle(state);
        (IndexAudit audit, GuardState? guard) = _group.FromFirst(
            () => new IndexAuditNote(new IndexAudit(epoch, state.Step, _index.Check(_steps.Query, state.Step)), _index.State),
            CheckpointJson.Default.IndexAuditNote);
        if (_group.Rank > 0)
            _index.Restore(guard);
        state.Audits.Add(audit);
        report(audit);
        return audit.Check;
    }

    /// <summary>Audits the estimator of the gradient.</summary>
    /// <param name="epoch">The epoch that has just ended; 0 before the first.</param>
    /// <param name="state">Where the training stands.</param>
    /// <param name="report">Told of a new audit.</param>
    /// <returns>What was found after these steps, now or earlier; null where no gradient is audited.</returns>
    public GradientAudit? OfGradient(int epoch, TrainingState state, Action<GradientAudit> report)
    {
        if (!_auditsGradient)
            return null;
        if (state.GradientAudits is [.., { } last] && last.Step == state.Step)
            return last;
        _account.Settle(state);
        GradientAudit audit = _group.FromFirst(
            () => _gradient!.Audit(epoch, _steps.Query, state.Step), CheckpointJson.Default.GradientAudit);
        state.GradientAudits.Add(audit);
        report(audit);
        return audit;
    }

    public void Dispose()
    {
        _index?.Dispose();
        _gradient?.Dispose();
    }
}

/// <summary>An audit of the index, and how it is searched thereafter.</summary>
internal sealed record IndexAuditNote(IndexAudit Audit, GuardState? Guard);
