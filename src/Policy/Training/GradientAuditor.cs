using KernelPolicy.Kernels;

namespace KernelPolicy.Policy;

/// <summary>
/// Audits a training's estimator of the gradient on some of its contexts, against the exact sum for the same objective and with Θ
/// as it stands.
/// </summary>
/// <remarks>
/// Which contexts is a function of the seed, and they are the same each time, so that a change is the policy's. Draws are named by
/// step numbers from 2^48 on, which no step of a training reaches: the audit takes none of its draws. Contexts go in batches as large as
/// the training's, since a shared tail or a budget is a batch's. Reserves its memory at construction. Not thread-safe.
/// </remarks>
internal sealed class GradientAuditor : IDisposable
{
    /// <summary>The first step number of audits; <see cref="RandomDraws"/> takes 56 bits.</summary>
    private const long FirstStep = 1L << 48;

    private readonly IGradientEstimator _estimator;
    private readonly IGradientEstimator _oracle;
    private readonly WorkerTeam _team;
    private readonly int[] _chosen;
    private readonly int _batchSize;
    private readonly int _repetitions;
    private readonly int _dimension;
    private readonly ContextBatch _contexts;
    private readonly EstimatorBatch _batch;
    private readonly Matrix _gradients;
    private readonly QueryMap? _reference;
    private readonly Projection _projection = new();
    private readonly GradientErrorSums _sums;

    private GradientAuditor(TrainingProblem problem, IGradientEstimator estimator, TrainingOptions options, WorkerTeam team)
    {
        (_estimator, _team, _batchSize, _repetitions) = (estimator, team, options.BatchSize, options.BiasAuditRepetitions);
        _dimension = problem.Items.Columns;
        _oracle = GradientEstimators.Create(
            new ExactOptions(),
            new EstimatorSetting(problem.Items, problem.Rewards, _batchSize, options.Seed, team) { Objective = estimator.Objective });
        int contexts = problem.Shares.SizeOf(0);
        _chosen = new int[Math.Min(options.BiasAuditContexts, contexts)];
        AuditedContexts.Choose(_chosen, contexts, options.Seed, FirstStep);
        _reference = estimator.Objective.NeedsReference ? estimator.Objective.Reference : null;
        _contexts = new ContextBatch(problem.Contexts, _batchSize);
        _batch = new EstimatorBatch(_batchSize, _dimension, _reference is not null);
        _gradients = new Matrix(_batchSize, _dimension);
        _sums = new GradientErrorSums(_repetitions, checked(_chosen.Length * _dimension));
    }

    /// <summary>The auditor of a training; null where none is asked for, or G is not estimated on the host.</summary>
    public static GradientAuditor? For(
        TrainingProblem problem, IGradientEstimator? estimator, TrainingOptions options, WorkerTeam team) =>
        options.BiasAuditContexts == 0 || estimator is null ? null : new GradientAuditor(problem, estimator, options, team);

    /// <summary>Audits.</summary>
    /// <param name="epoch">The epoch that has just ended; 0 before the first.</param>
    /// <param name="query">How contexts become queries, which is only read.</param>
    /// <param name="step">Steps done.</param>
    public GradientAudit Audit(int epoch, QueryMap query, long step)
    {
        // What the estimator remembers is the training's, and stays as it was.
        using MemoryStream? remembered = _estimator.Memory is null ? null : new MemoryStream();
        if (remembered is not null)
            _estimator.Memory!.Write(remembered);
        StrataStatistics claimed = default;
        int batches = (_chosen.Length + _batchSize - 1) / _batchSize;
        for (int b = 0; b < batches; b++)
        {
            int first = b * _batchSize;
            ReadOnlySpan<int> contexts = _chosen.AsSpan(first, Math.Min(_batchSize, _chosen.Length - first));
            Project(contexts, query);
            _batch.Set(contexts, FirstStep);
            _oracle.Estimate(_batch, _gradients);
            for (int i = 0; i < contexts.Length; i++)
                _gradients.Row(i).CopyTo(_sums.Exact[((first + i) * _dimension)..]);
            for (int r = 0; r < _repetitions; r++)
            {
                _batch.Set(contexts, FirstStep + (((step * _repetitions) + r) * batches) + b);
                _estimator.Estimate(_batch, _gradients);
                claimed = claimed.Plus(_estimator.Statistics.Strata);
                for (int i = 0; i < contexts.Length; i++)
                    _sums.Set(r, (first + i) * _dimension, _gradients.Row(i));
            }
        }

        if (remembered is not null)
            _estimator.Memory!.Read(remembered.GetBuffer().AsSpan(0, (int)remembered.Length));
        double claimedError = claimed.GradientError;
        return _sums.ToAudit(epoch, step, _chosen.Length, claimedError * claimedError);
    }

    public void Dispose()
    {
        _oracle.Dispose();
        _contexts.Dispose();
        _batch.Dispose();
        _gradients.Dispose();
    }

    private void Project(ReadOnlySpan<int> contexts, QueryMap query)
    {
        _contexts.Fill(contexts, _team);
        query.Project(_projection, _contexts.Rows, _batch.Projected, contexts.Length, _team);
        _reference?.Project(_projection, _contexts.Rows, _batch.ReferenceProjected!, contexts.Length, _team);
    }
}
