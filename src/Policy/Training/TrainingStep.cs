using KernelPolicy.Index;
using KernelPolicy.Kernels;

namespace KernelPolicy.Policy;

/// <summary>
/// One step of training on the processor: X of the batch, H = XΘ, G by the estimator, grad = (1/B) XᵀG, Adam's ascent. From here each line
/// leads to its kernel.
/// </summary>
/// <remarks>Owns its buffers; allocates nothing per step. Each step is done when it returns, in the host tables themselves.
/// Not thread-safe.</remarks>
public sealed partial class TrainingStep : ITrainingSteps
{
    private readonly ContextBatch _contexts;
    private readonly EstimatorBatch _batch;
    private readonly IGradientEstimator _estimator;
    private readonly Matrix _gradients;
    private readonly Matrix _thetaGradient;
    private readonly QueryMap? _reference;
    private readonly IGradientExchange? _exchange;
    private readonly StaleHeads? _stale;
    private readonly Action? _advance;
    private readonly ContextShares _shares;
    private readonly int _batchSize;
    private readonly QueryCorrection? _correction;
    private readonly CorrectionAscent? _correctionAscent;
    private readonly ItemAscent? _itemAscent;
    private readonly Matrix? _foldedTheta;
    private readonly Projection _projection = new();
    private readonly OuterProduct _outerProduct = new();
    private readonly WorkerTeam _team;
    private int[] _order = [];
    private int _orderLength;
    private StepSums _sums;

    /// <summary>Makes the step of a training.</summary>
    /// <param name="problem">Contexts, rewards and items.</param>
    /// <param name="estimator">How G is estimated; it stays the caller's.</param>
    /// <param name="theta">Θ [L, L], updated in place; it stays the caller's.</param>
    /// <param name="batchSize">The largest batch, B.</param>
    /// <param name="adam">Constants of Adam.</param>
    /// <param name="team">Threads to use.</param>
    /// <param name="items">Whether and how items learn; frozen where null. <see cref="LearnedItems"/> change the problem's β in place
    /// and need an estimator that keeps its coefficients (<see cref="EstimatorSetting.Coefficients"/>).</param>
    /// <param name="seed">Seed of the first values of a correction.</param>
    /// <param name="heads">By which queries heads are retrieved.</param>
    /// <param name="exchange">Joins the gradient with those of other ranks; null where there are none. It stays the caller's.</param>
    /// <exception cref="ArgumentException">Items learn, and the gradient is exchanged, or heads are retrieved a step before by an estimator
    /// that cannot; or Θ, or the objective's reference, does not fit the contexts and
    /// items, or items cannot learn as asked.</exception>
    public TrainingStep(
        TrainingProblem problem, IGradientEstimator estimator, Matrix theta, int batchSize, AdamOptions adam, WorkerTeam team,
        ItemLearning? items = null, ulong seed = 1, HeadTiming heads = HeadTiming.SameStep, IGradientExchange? exchange = null)
    {
        ArgumentNullException.ThrowIfNull(problem);
        ArgumentNullException.ThrowIfNull(estimator);
        ArgumentNullException.ThrowIfNull(theta);
        ArgumentNullException.ThrowIfNull(team);
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        if (theta.Rows != problem.Contexts.Dimension || theta.Columns != problem.Items.Columns)
        {
            throw new ArgumentException(
                $"Θ is [{theta.Rows}, {theta.Columns}]; contexts have {problem.Contexts.Dimension} dimensions, items {problem.Items.Columns}.",
                nameof(theta));
        }

        _reference = Reference(estimator.Objective, theta);
        Items = items ?? ItemLearning.Frozen;
        Items.Validate();
        if (estimator.Coefficients is not null && Items is not LearnedItems)
            throw new ArgumentException("The estimator keeps coefficients, but no item learns by them.", nameof(estimator));
        if (Items is not FrozenItems && (exchange is not null || heads != HeadTiming.SameStep))
            throw new ArgumentException("Items learn on one machine alone, with heads of the same step.", nameof(items));
        if (exchange is not null && estimator.Memory is not null)
            throw new ArgumentException($"The {estimator.Name} estimator remembers heads of contexts, which a checkpoint of several ranks does not hold: reuse none (--search-every 1).", nameof(estimator));
        _stale = heads == HeadTiming.StepBefore ? Stale(problem, estimator, batchSize, team) : null;
        _exchange = exchange;
        _advance = exchange is null ? null : exchange.Advance;
        (_shares, _batchSize) = (problem.Shares, batchSize);
        switch (Items)
        {
            case CorrectedItems corrected:
                _correction = new QueryCorrection(theta.Columns, corrected, batchSize, seed);
                _correctionAscent = new CorrectionAscent(_correction, corrected, batchSize, adam, team);
                _foldedTheta = corrected.Rank > 0 ? new Matrix(theta.Rows, theta.Columns) : null;
                Tables = _correctionAscent.Tables;
                break;
            case LearnedItems learned:
                _itemAscent = new ItemAscent(problem, estimator, learned, batchSize, adam, team);
                Tables = [_itemAscent.Table];
                break;
        }

        _contexts = new ContextBatch(problem.Contexts, batchSize);
        _batch = new EstimatorBatch(batchSize, problem.Items.Columns, _reference is not null);
        _gradients = new Matrix(batchSize, problem.Items.Columns);
        _thetaGradient = new Matrix(theta.Rows, theta.Columns);
        Optimiser = new Adam(theta.Rows, theta.Columns, adam);
        (_estimator, Theta, _team) = (estimator, theta, team);
    }

    /// <inheritdoc/>
    public string EstimatorName => _estimator.Name;

    /// <inheritdoc/>
    public string Description => _estimator.Description + Items.Description + (_stale is null ? "" : "/heads=before");

    /// <inheritdoc/>
    public bool JoinsRanks => _exchange is not null;

    /// <summary>By which queries heads are retrieved.</summary>
    public HeadTiming Heads => _stale is null ? HeadTiming.SameStep : HeadTiming.StepBefore;

    /// <inheritdoc/>
    public string Runner => $"simd {SimdPath.Width}";

    /// <inheritdoc/>
    public bool IsSynchronous => true;

    /// <inheritdoc/>
    public IMipsIndex? Index => _estimator.Index;

    /// <inheritdoc/>
    public int RetrievedItems => _estimator.RetrievedItems;

    /// <inheritdoc/>
    public ItemLearning Items { get; }

    /// <inheritdoc/>
    public IReadOnlyList<TrainedTable> Tables { get; } = [];

    /// <inheritdoc/>
    public QueryMap Query
    {
        get
        {
            if (_foldedTheta is null)
                return new QueryMap(Theta, _correction?.Bias);
            _correction!.Fold(Theta, _foldedTheta, _team);
            return new QueryMap(_foldedTheta, _correction.Bias);
        }
    }

    /// <inheritdoc/>
    public IEstimatorMemory? Memory => _stale is null ? _estimator.Memory : _stale;

    /// <inheritdoc/>
    public IGradientEstimator Estimator => _estimator;

    /// <summary>Θ [L, L].</summary>
    public Matrix Theta { get; }

    /// <inheritdoc/>
    public Matrix FirstMoment => Optimiser.FirstMoment;

    /// <inheritdoc/>
    public Matrix SecondMoment => Optimiser.SecondMoment;

    /// <summary>Adam and its moments.</summary>
    public Adam Optimiser { get; }

    /// <summary>What the last batch said of itself, all ranks' contexts together.</summary>
    public BatchStatistics Statistics { get; private set; }

    /// <inheritdoc/>
    public void SetOrder(ReadOnlySpan<int> order)
    {
        if (_order.Length < order.Length)
            _order = new int[order.Length];
        order.CopyTo(_order);
        _orderLength = order.Length;
    }

    /// <inheritdoc/>
    public void Run(long first, int count, long number, double learningRate)
    {
        if (first < 0 || first > _orderLength)
            throw new ArgumentOutOfRangeException(nameof(first), first, $"The order has {_orderLength} contexts.");
        if (count < 0 || count > _orderLength - first)
            throw new ArgumentOutOfRangeException(nameof(count), count, $"The order has {_orderLength - first} contexts from {first} on.");
        // Batches follow each other, full but for the last.
        int next = (int)first + count;
        Run(_order.AsSpan((int)first, count), _order.AsSpan(next, Math.Min(_batchSize, _orderLength - next)), number, learningRate);
        _sums = _sums.Plus(Statistics);
    }

    /// <summary>Takes one step on contexts of the caller's. <see cref="Collect"/> does not count it.</summary>
    /// <param name="contexts">The batch, at most B contexts.</param>
    /// <param name="step">Number of the step, from 0.</param>
    /// <param name="learningRate">α of this step.</param>
    /// <exception cref="TrainingDivergedException">The gradient or Θ, or what is trained beside it, is no longer finite. Where it
    /// is the gradient of Θ, all tables are still as they were before the step.</exception>
    public void Run(ReadOnlySpan<int> contexts, long step, double learningRate) => Run(contexts, [], step, learningRate);

    private void Run(ReadOnlySpan<int> contexts, ReadOnlySpan<int> next, long step, double learningRate)
    {
        Estimate(contexts, next, step);
        _exchange?.Begin(_thetaGradient, contexts.Length, Statistics);
        _stale?.RetrieveAhead(next, step + 1, Theta, _advance);
        if (_exchange is not null)
            Statistics = _exchange.Finish(_thetaGradient);
        CheckFinite(_thetaGradient, "gradient of Θ", step);
        _stale?.KeepPrevious(Theta);
        Optimiser.Step(Theta, _thetaGradient, learningRate, step + 1, _team);
        CheckFinite(Theta, "Θ", step);
        _correctionAscent?.Step(learningRate, step);
        if (_itemAscent is null)
            return;
        _itemAscent.Step(learningRate, step);
        _estimator.ItemsMoved(_itemAscent.Touched);
    }

    /// <inheritdoc/>
    public StepSums Collect()
    {
        StepSums sums = _sums;
        _sums = default;
        return sums;
    }

    /// <summary>Does nothing: the steps work in the host tables.</summary>
    public void Pull()
    {
    }

    /// <summary>Does nothing but drop the sums: the steps work in the host tables.</summary>
    public void Push()
    {
        _sums = default;
        _stale?.Drop();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _correction?.Dispose();
        _correctionAscent?.Dispose();
        _itemAscent?.Dispose();
        _foldedTheta?.Dispose();
        _contexts.Dispose();
        _stale?.Dispose();
        _batch.Dispose();
        _gradients.Dispose();
        _thetaGradient.Dispose();
        Optimiser.Dispose();
    }

    private static StaleHeads Stale(TrainingProblem problem, IGradientEstimator estimator, int batchSize, WorkerTeam team) =>
        estimator is IAheadRetrieval { RetrievesAhead: true } ahead
            ? new StaleHeads(ahead, problem, batchSize, team)
            : throw new ArgumentException(
                $"The {estimator.Name} estimator cannot retrieve heads a step before: strata of a top K can, without a relative error and without reuse.", nameof(estimator));

    private static QueryMap? Reference(TrainingObjective objective, Matrix theta)
    {
        if (!objective.NeedsReference)
            return null;
        QueryMap map = objective.Reference!.Value;
        Matrix reference = map.Theta;
        if (reference.Rows != theta.Rows || reference.Columns != theta.Columns)
            throw new ArgumentException($"Θ of the reference is [{reference.Rows}, {reference.Columns}], Θ [{theta.Rows}, {theta.Columns}].", nameof(theta));
        if (ReferenceEquals(reference, theta))
            throw new ArgumentException("Θ of the reference is the table that is trained; it must be one of its own.", nameof(theta));
        return map;
    }
}
