using System.Diagnostics;
using KernelPolicy.Index;
using KernelPolicy.Kernels;

namespace KernelPolicy.Policy;

/// <summary>
/// Trains Θ of a softmax policy by stochastic ascent on its reward: epochs of shuffled batches, validation, early stopping,
/// checkpoints.
/// </summary>
/// <remarks>
/// The same options give the same Θ, bit for bit, at any number of threads and however often the training was stopped and
/// resumed, on one SIMD width or with steps of one kind. Not thread-safe.
/// <para>Steps may be asynchronous: they are waited for where a report, an audit, a validation or a checkpoint is due, and
/// at the end of an epoch.</para>
/// <para>The index that the steps ask, or where they ask none the one of validation, is audited as
/// <see cref="TrainingOptions.AuditQueries"/> says. Where it is a <see cref="GuardedIndex"/> its recall is kept at
/// <see cref="TrainingOptions.RecallBound"/>: the training starts with it as it was made and leaves it as it was searched
/// last.</para>
/// <para>Where the steps have an estimator on the host, it is compared with the exact gradient as
/// <see cref="TrainingOptions.BiasAuditContexts"/> says; that changes nothing of the training.</para>
/// </remarks>
public sealed class Trainer : IDisposable
{
    private readonly IMipsIndex? _index;
    private readonly TrainingOptions _options;
    private readonly ITrainingSteps _steps;
    private readonly bool _isOwner;
    private readonly StepAccount _account;
    private readonly TrainingTables _tables;
    private readonly TrainingValidation _validation;
    private readonly ITrainingGroup _group;
    private readonly EpochOrder _order;
    private readonly string _fingerprint;
    private readonly TrainingAudits _audits;
    private readonly ulong _itemsHash;
    private TrainingState _state;

    /// <summary>Prepares a training whose steps run on the processor.</summary>
    /// <param name="problem">The training contexts and rewards.</param>
    /// <param name="estimator">How gradients are estimated; it stays the caller's.</param>
    /// <param name="options">How to train.</param>
    /// <param name="team">Threads to use.</param>
    /// <param name="validation">Contexts held out to watch progress by, or null.</param>
    /// <param name="index">The index that recommends in validation; needed where there is validation.</param>
    /// <exception cref="ArgumentException">An option is out of range, or the parts do not fit.</exception>
    public Trainer(
        TrainingProblem problem, IGradientEstimator estimator, TrainingOptions options, WorkerTeam team,
        TrainingProblem? validation = null, IMipsIndex? index = null)
        : this(problem, OwnSteps(problem, estimator, options, team), options, team, validation, index, null, isOwner: true)
    {
    }

    /// <summary>Prepares a training whose steps run wherever theirs do.</summary>
    /// <param name="problem">The training contexts and rewards.</param>
    /// <param name="steps">The steps, made for the same problem, batch size, constants of Adam and seed; they stay the
    /// caller's. Their tables are set to first values.</param>
    /// <param name="options">How to train.</param>
    /// <param name="team">Threads to use beside the steps.</param>
    /// <param name="validation">Contexts held out to watch progress by, or null.</param>
    /// <param name="index">The index that recommends in validation; needed where there is validation.</param>
    /// <param name="group">The ranks that this training is spread over, whose steps join their gradients; null where it is one by
    /// itself.</param>
    /// <exception cref="ArgumentException">An option is out of range, or the parts do not fit.</exception>
    public Trainer(
        TrainingProblem problem, ITrainingSteps steps, TrainingOptions options, WorkerTeam team,
        TrainingProblem? validation = null, IMipsIndex? index = null, ITrainingGroup? group = null)
        : this(problem, steps, options, team, validation, index, group, isOwner: false)
    {
    }

    private Trainer(
        TrainingProblem problem, ITrainingSteps steps, TrainingOptions options, WorkerTeam team, TrainingProblem? validation,
        IMipsIndex? index, ITrainingGroup? group, bool isOwner)
    {
        ArgumentNullException.ThrowIfNull(problem);
        ArgumentNullException.ThrowIfNull(steps);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(team);
        options.Validate();
        if (problem.Contexts.Count == 0)
            throw new ArgumentException("There are no training contexts.", nameof(problem));
        _group = group ?? SoloTraining.Instance;
        _validation = new TrainingValidation(validation, index, _group, team);
        if (options.Patience > 0 && !_validation.Exists)
            throw new ArgumentException("Early stopping needs validation contexts.", nameof(validation));
        if (options.Items != steps.Items)
        {
            throw new ArgumentException(
                $"The options ask for items{Words(options.Items)}, but the steps ({steps.Runner}) were made for items{Words(steps.Items)}. Only steps on the processor let items learn.",
                nameof(steps));
        }

        (_index, _options, _steps, _isOwner) = (index, options, steps, isOwner);
        _account = new StepAccount(steps, problem, group);
        _tables = new TrainingTables(
            steps.Theta, steps.FirstMoment, steps.SecondMoment, new Matrix(steps.Theta.Rows, steps.Theta.Columns))
        {
            Others = steps.Tables,
            BestOthers = options.Patience > 0
                ? [.. steps.Tables.Select(table => new Matrix(table.Values.Rows, table.Values.Columns))]
                : [],
        };
        _order = new EpochOrder(problem.Shares, options.BatchSize, options.Seed);
        _state = new TrainingState { Shares = problem.Shares.Shares, ItemsHash = _itemsHash = TrainingFingerprint.OfItems(problem) };
        _audits = new TrainingAudits(problem, steps, _account, index, options, team, _group);
        _fingerprint = TrainingFingerprint.Of(problem, steps.Description, options, _audits.Fingerprint);
        using Matrix first = Policy.Theta.Initialise(
            problem.Items.Columns, options.Initialisation, options.InitialScale, options.Seed);
        _account.Begin(first);
        _tables.KeepAsBest();
    }

    /// <summary>Θ [L, L] on the host: first values at first, then those of the last step, once <see cref="Run"/> has returned
    /// or was cancelled; after it with patience, the best.</summary>
    public Matrix Theta => _tables.Theta;

    /// <summary>How a context becomes a query, on the host: Θ with all corrections folded in, and b. What it holds may change with the
    /// next call of it or the next step.</summary>
    public QueryMap Query => _steps.Query;

    /// <summary>What runs the steps, for results and files.</summary>
    public string Runner => _steps.Runner;

    /// <summary>Steps in an epoch.</summary>
    public long StepsPerEpoch => _order.Steps;

    /// <summary>Steps done so far, those before a resume included.</summary>
    public long StepsDone => _state.Step;

    private long TotalSteps => StepsPerEpoch * _options.Epochs;

    /// <summary>Goes on from the checkpoint of a training with the same data and options. Where its contexts were in other shares, it goes on
    /// from the same part of the epoch, and is no longer the same training bit for bit.</summary>
    /// <exception cref="InvalidDataException">The file is damaged, or belongs to another training.</exception>
    public void Resume(string checkpointPath)
    {
        _state = GroupCheckpoint.Load(_group, checkpointPath, _fingerprint, _tables, _steps.Memory, out Matrix? builtItems);
        if (_order.Adopt(_state, _itemsHash))
            _steps.Memory?.Clear();
        using (builtItems)
            _audits.Restore(_state, builtItems);
        _account.Push();
    }

    /// <summary>Trains to the end.</summary>
    /// <param name="progress">Told at least every tenth of a second while steps are asked for, once those are done, and at
    /// the end of each epoch.</param>
    /// <param name="cancellation">Stops between steps; a checkpoint is written first, where there is a path for
    /// one.</param>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    /// <exception cref="TrainingDivergedException">Numbers are no longer finite; the last checkpoint is kept.</exception>
    /// <exception cref="InvalidOperationException">Asynchronous steps have failed in an earlier call, and no checkpoint was
    /// resumed since.</exception>
    public TrainingResult Run(IProgress<TrainingProgress>? progress = null, CancellationToken cancellation = default)
    {
        // An earlier call may have asked for steps before one of them threw.
        _account.Settle(_state);
        if (_state.Step == 0)
        {
            _audits.Begin(_state);
            AuditIndex(epoch: 0, progress);
            AuditGradient(epoch: 0, progress);
        }

        if (_state.Step == 0 && _validation.Exists)
        {
            _state.InitialValidationReward = _validation.Reward(Query, _index!, cancellation);
            _state.BestReward = _state.InitialValidationReward;
        }

        bool stopped = PatienceIsOver();
        while (!stopped && _state.Epochs.Count < _options.Epochs)
        {
            int epoch = _state.Epochs.Count;
            EpochActivity.Trace(epoch + 1, () => RunEpoch(epoch, progress, cancellation));
            stopped = PatienceIsOver();
        }

        if (_options.Patience > 0)
        {
            _tables.TakeBest();
            _account.Push();
        }

        return new TrainingResult(
            _state.Epochs, _state.BestEpoch, _state.Step, _state.TrainSeconds, _state.InitialValidationReward, stopped, _state.Audits)
        {
            GradientAudits = _state.GradientAudits,
        };
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _validation.Dispose();
        _audits.Dispose();
        _tables.DisposeBest();
        if (!_isOwner)
            return;
        _steps.Dispose();
        Theta.Dispose();
    }

    private static TrainingStep OwnSteps(TrainingProblem problem, IGradientEstimator estimator, TrainingOptions options, WorkerTeam team)
    {
        ArgumentNullException.ThrowIfNull(problem);
        ArgumentNullException.ThrowIfNull(estimator);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(team);
        options.Validate();
        return new TrainingStep(
            problem, estimator, new Matrix(problem.Contexts.Dimension, problem.Items.Columns),
            checked(options.BatchSize * problem.Shares.Own.Count), options.Adam, team, options.Items, options.Seed);
    }

    private static string Words(ItemLearning items) => items.Description is { Length: > 0 } words ? words : " that stay as they are";

    private bool PatienceIsOver() => _options.Patience > 0 && _state.Epochs.Count - _state.BestEpoch >= _options.Patience;

    private EpochResult RunEpoch(int epoch, IProgress<TrainingProgress>? progress, CancellationToken cancellation)
    {
        _steps.SetOrder(_order.Of(epoch));
        long epochEnd = StepsPerEpoch * (epoch + 1);
        long lastReport = Stopwatch.GetTimestamp();
        while (_state.Step < epochEnd)
        {
            if (_group.StopsBefore(_state.Step, cancellation.IsCancellationRequested))
            {
                _account.Settle(_state);
                Save();
                throw new OperationCanceledException(cancellation);
            }

            (long first, int count) = _order.Batch(_state.Step);
            _account.Run(first, count, _options.LearningRate.At(_state.Step, TotalSteps), _state);
            if (_options.AuditEverySteps > 0 && _state.Step % _options.AuditEverySteps == 0 && _state.Step < epochEnd)
                AuditIndex(epoch: null, progress);
            if (_options.CheckpointEverySteps > 0 && _state.Step % _options.CheckpointEverySteps == 0)
                Save();
            if (progress is not null && Stopwatch.GetElapsedTime(lastReport).TotalSeconds >= 0.1)
            {
                _account.Collect(_state);
                lastReport = Stopwatch.GetTimestamp();
                progress.Report(Progress(epoch));
            }
        }

        EndEpoch(epoch, progress, cancellation);
        progress?.Report(Progress(epoch, _state.Epochs[^1]));
        return _state.Epochs[^1];
    }

    private void EndEpoch(int epoch, IProgress<TrainingProgress>? progress, CancellationToken cancellation)
    {
        _account.Settle(_state);
        RecallCheck? audit = AuditIndex(epoch + 1, progress);
        GradientAudit? gradient = AuditGradient(epoch + 1, progress);
        double reward = double.NaN;
        try
        {
            if (_validation.Exists)
                reward = _validation.Reward(Query, _index!, cancellation);
        }
        catch (OperationCanceledException)
        {
            // The epoch's steps are done and its audit is noted: a resume finds none left and validates.
            Save();
            throw;
        }

        _state.Epochs.Add(_state.Sums.ToResult(epoch + 1, reward, audit, gradient));
        _state.Sums = new EpochSums();
        if (reward > _state.BestReward)
        {
            (_state.BestReward, _state.BestEpoch) = (reward, epoch + 1);
            _tables.KeepAsBest();
        }

        Save();
    }

    private RecallCheck? AuditIndex(int? epoch, IProgress<TrainingProgress>? progress) =>
        _audits.OfIndex(epoch, _state, audit => progress?.Report(Progress(_state.Epochs.Count) with { Audit = audit }));

    private GradientAudit? AuditGradient(int epoch, IProgress<TrainingProgress>? progress) =>
        _audits.OfGradient(epoch, _state, audit => progress?.Report(Progress(_state.Epochs.Count) with { Gradient = audit }));

    private void Save()
    {
        if (_options.CheckpointPath is not { } path)
            return;
        _account.Settle(_state);
        _audits.Note(_state);
        GroupCheckpoint.Save(_group, path, _fingerprint, _state, _tables, _steps.Memory, _audits.BuiltItems);
    }

    private TrainingProgress Progress(int epoch, EpochResult? completed = null) => new(
        epoch + 1, _options.Epochs, _state.Step, TotalSteps, _state.TrainSeconds, _account.Batch, completed);
}
