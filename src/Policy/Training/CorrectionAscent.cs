using System.Numerics.Tensors;
using KernelPolicy.Kernels;

namespace KernelPolicy.Policy;

/// <summary>The gradients of U, V and b, and Adam on them (the formulas are those of <see cref="QueryCorrection"/>).</summary>
/// <remarks>Allocates nothing per step. The same at any number of threads. Not thread-safe.</remarks>
internal sealed class CorrectionAscent : IDisposable
{
    private readonly QueryCorrection _correction;
    private readonly CorrectedItems _options;
    private readonly WorkerTeam _team;
    private readonly Projection _projection = new();
    private readonly OuterProduct _outer = new();
    private readonly List<IDisposable> _owned = [];
    private readonly Factor? _u;
    private readonly Factor? _v;
    private readonly Factor? _bias;
    private readonly Matrix? _uTransposed;
    private readonly Matrix? _vTransposed;
    private readonly Matrix? _byV;
    private readonly Matrix? _flow;

    public CorrectionAscent(QueryCorrection correction, CorrectedItems options, int batchSize, AdamOptions adam, WorkerTeam team)
    {
        (_correction, _options, _team) = (correction, options, team);
        // The penalty is that of Θ.
        AdamOptions constants = adam with { WeightDecay = 0 };
        if (correction.U is { } u && correction.V is { } v)
        {
            _u = Own(new Factor("U", "correction-u", u, constants, correction.InitialiseU));
            _v = Own(new Factor("V", "correction-v", v, constants, table => table.Clear()));
            _uTransposed = Own(new Matrix(u.Columns, checked((int)u.Rows)));
            _vTransposed = Own(new Matrix(v.Columns, checked((int)v.Rows)));
            _byV = Own(new Matrix(batchSize, u.Columns));
            _flow = Own(new Matrix(batchSize, v.Columns));
        }

        if (correction.Bias is { } bias)
            _bias = Own(new Factor("b", "bias", bias, constants, table => table.Clear()));
        Tables = [.. Factors.Select(factor => factor.Table)];
    }

    /// <summary>U, V and b with their moments, those that there are.</summary>
    public IReadOnlyList<TrainedTable> Tables { get; }

    private IEnumerable<Factor> Factors => new[] { _u, _v, _bias }.OfType<Factor>();

    /// <summary>Makes the gradients of the batch that was projected last.</summary>
    /// <param name="gradients">G [B, L], or the like scaled; not to be used thereafter where r is above 0.</param>
    /// <param name="count">Contexts of the batch.</param>
    /// <returns>∂J/∂z of each context [B, L], of which Θ's gradient is made.</returns>
    public Matrix Backward(Matrix gradients, int count)
    {
        if (_bias is not null)
            Mean(gradients, count, _bias.Gradient.PaddedRow(0));
        if (_u is null)
            return gradients;
        Policy.Tables.Transpose(_correction.U!, _uTransposed!);
        Policy.Tables.Transpose(_correction.V!, _vTransposed!);
        _projection.Run(gradients, _vTransposed!, _byV!, count, _team);
        _projection.Run(_byV!, _uTransposed!, _flow!, count, _team);
        Policy.Tables.AddRows(_flow!, gradients, count);
        // Each scales its second table by 1/B in place, so that none is used again.
        _outer.Run(_correction.Projected!, _byV!, _u.Gradient, count, _team);
        _outer.Run(_correction.Inner!, gradients, _v!.Gradient, count, _team);
        return _flow!;
    }

    /// <summary>The gradient of a table of the last batch, by its name in a checkpoint.</summary>
    public Matrix Gradient(string name) => Factors.First(factor => factor.Table.Name == name).Gradient;

    /// <summary>Ascends.</summary>
    /// <param name="learningRate">α of Θ in this step.</param>
    /// <param name="step">Number of the step, from 0.</param>
    /// <exception cref="TrainingDivergedException">Numbers are no longer finite.</exception>
    public void Step(double learningRate, long step)
    {
        double rate = learningRate * _options.LearningRateRatio;
        _u?.Step(rate, step, _team);
        _v?.Step(rate, step, _team);
        _bias?.Step(rate, step, _team);
    }

    /// <inheritdoc/>
    public void Dispose() => _owned.ForEach(part => part.Dispose());

    private static void Mean(Matrix gradients, int count, Span<float> mean)
    {
        mean.Clear();
        for (int row = 0; row < count; row++)
            TensorPrimitives.Add(mean, gradients.PaddedRow(row), mean);
        TensorPrimitives.Multiply(mean, 1f / count, mean);
    }

    private T Own<T>(T part)
        where T : IDisposable
    {
        _owned.Add(part);
        return part;
    }

    /// <summary>One trained table, its gradient and its optimiser.</summary>
    private sealed class Factor : IDisposable
    {
        private readonly string _symbol;
        private readonly Matrix _values;
        private readonly Adam _adam;

        public Factor(string symbol, string name, Matrix values, AdamOptions adam, Action<Matrix> initialise)
        {
            (_symbol, _values) = (symbol, values);
            _adam = new Adam(values.Rows, values.Columns, adam);
            Gradient = new Matrix(values.Rows, values.Columns);
            Table = new TrainedTable(name, values, _adam.FirstMoment, _adam.SecondMoment, initialise);
        }

        public Matrix Gradient { get; }

        public TrainedTable Table { get; }

        public void Step(double learningRate, long step, WorkerTeam team)
        {
            if (Policy.Tables.FirstNotFinite(Gradient) >= 0)
                throw new TrainingDivergedException(step, $"gradient of {_symbol}");
            _adam.Step(_values, Gradient, learningRate, step + 1, team);
            if (Policy.Tables.FirstNotFinite(_values) >= 0)
                throw new TrainingDivergedException(step, _symbol);
        }

        public void Dispose()
        {
            _adam.Dispose();
            Gradient.Dispose();
        }
    }
}
