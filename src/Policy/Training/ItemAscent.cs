using System.Numerics.Tensors;
using KernelPolicy.Index;
using KernelPolicy.Kernels;

namespace KernelPolicy.Policy;

/// <summary>One step of β: the gradient of the rows that a batch touches, and lazy Adam on them, divided among the team.</summary>
/// <remarks>The same at any number of threads; allocates nothing once the largest batch was seen.</remarks>
internal sealed unsafe class ItemAscent : IParallelWork, IDisposable
{
    private const int RowsPerPiece = 32;

    private readonly Matrix _items;
    private readonly CoefficientTable _coefficients;
    private readonly LearnedItems _options;
    private readonly WorkerTeam _team;
    private readonly ItemGradient _gradient;
    private readonly LazyAdam _optimiser;
    private readonly Matrix _rows;
    private Matrix? _destination;
    private int _firstNotFinite;

    /// <summary>Makes the ascent of a problem's items.</summary>
    /// <exception cref="ArgumentException">The estimator keeps no coefficients, or the gradient cannot flow through the
    /// contexts.</exception>
    public ItemAscent(
        TrainingProblem problem, IGradientEstimator estimator, LearnedItems options, int batchSize, AdamOptions adam, WorkerTeam team)
    {
        (_items, _options, _team) = (problem.Items, options, team);
        _coefficients = estimator.Coefficients is { } table && table.BatchSize >= batchSize
            ? table
            : throw new ArgumentException(
                $"Items that learn need the coefficients of the estimator: make it with EstimatorSetting.Coefficients for batches of {batchSize}.",
                nameof(estimator));
        if (estimator.Index is not (null or ExactIndex or RebuildingIndex))
        {
            throw new ArgumentException(
                $"A graph is of items that stay as they are; where they learn, the index must be exact or a {nameof(RebuildingIndex)}, not {estimator.Index.Kind}.",
                nameof(estimator));
        }

        HistoryContexts? histories = null;
        if (options.ThroughContexts)
        {
            histories = problem.Contexts as HistoryContexts;
            if (histories is null || !ReferenceEquals(histories.Items, problem.Items))
                throw new ArgumentException("A gradient through contexts needs contexts that are means of the same items over histories.", nameof(problem));
        }

        _gradient = new ItemGradient(_items, histories, problem.Contexts.Dimension, batchSize, team.Threads);
        // The penalty is that of Θ: β begins elsewhere than at zero.
        _optimiser = new LazyAdam(_items.Rows, _items.Columns, adam with { WeightDecay = 0 });
        _rows = new Matrix(team.Threads, _items.Columns);
        Table = new TrainedTable("items", _items, _optimiser.FirstMoment, _optimiser.SecondMoment, initialise: null);
    }

    /// <summary>β and its moments.</summary>
    public TrainedTable Table { get; }

    /// <summary>The items of the last batch.</summary>
    public ReadOnlySpan<int> Touched => _gradient.Touched;

    /// <summary>Takes the coefficients of a batch that was just estimated.</summary>
    public void Collect(EstimatorBatch batch, Matrix gradients, Matrix theta) =>
        _gradient.Collect(_coefficients, batch, gradients, theta, _team);

    /// <summary>Writes the gradient of the last batch to a table [P, L], for whoever wants to see it.</summary>
    public void CopyGradient(Matrix destination)
    {
        destination.Clear();
        _destination = destination;
        Run();
        _destination = null;
    }

    /// <summary>Ascends.</summary>
    /// <param name="learningRate">α of Θ in this step.</param>
    /// <param name="step">Number of the step, from 0.</param>
    /// <exception cref="TrainingDivergedException">A row is no longer finite.</exception>
    public void Step(double learningRate, long step)
    {
        _optimiser.Begin(learningRate * _options.LearningRateRatio, step + 1);
        _firstNotFinite = int.MaxValue;
        Run();
        if (_firstNotFinite != int.MaxValue)
            throw new TrainingDivergedException(step, $"row {_firstNotFinite} of β");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _gradient.Dispose();
        _optimiser.Dispose();
        _rows.Dispose();
    }

    void IParallelWork.Execute(int index, int worker)
    {
        ReadOnlySpan<int> touched = _gradient.Touched;
        float* row = _rows.RowPointer(worker);
        int end = Math.Min(touched.Length, (index + 1) * RowsPerPiece);
        for (int i = index * RowsPerPiece; i < end; i++)
        {
            _rows.PaddedRow(worker).Clear();
            _gradient.AddRow(i, worker, row);
            if (_destination is not null)
            {
                _rows.PaddedRow(worker).CopyTo(_destination.PaddedRow(touched[i]));
                continue;
            }

            _optimiser.UpdateRow(_items, touched[i], row);
            if (!float.IsFinite(TensorPrimitives.Sum<float>(_items.Row(touched[i]))))
                NoteNotFinite(touched[i]);
        }
    }

    private void Run() => _team.Run(this, (_gradient.TouchedCount + RowsPerPiece - 1) / RowsPerPiece);

    // The smallest such item, whichever thread finds it.
    private void NoteNotFinite(int item)
    {
        int known = Volatile.Read(ref _firstNotFinite);
        while (item < known)
        {
            int before = Interlocked.CompareExchange(ref _firstNotFinite, item, known);
            if (before == known)
                return;
            known = before;
        }
    }
}
