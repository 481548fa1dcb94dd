namespace KernelPolicy.Kernels;

/// <summary>The constants of Adam.</summary>
/// <param name="Beta1">Decay of the first moment, in [0, 1).</param>
/// <param name="Beta2">Decay of the second moment, in [0, 1).</param>
/// <param name="Epsilon">Added to the root of the second moment; at least 1.2e−38, the smallest normal float.</param>
/// <param name="WeightDecay">λ of the L2 penalty (λ/2)|Θ|², at least 0. Its gradient enters the moments.</param>
public sealed record AdamOptions(double Beta1 = 0.9, double Beta2 = 0.999, double Epsilon = 1e-8, double WeightDecay = 0)
{
    // The smallest normal number: less is no more than zero to a processor that flushes the others, and 0/0 is not a step.
    private const float SmallestEpsilon = 1.17549435e-38f;

    /// <summary>Throws where a constant is out of range.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A constant is out of range.</exception>
    public void Validate()
    {
        if (!(Beta1 is >= 0 and < 1))
            throw new ArgumentOutOfRangeException(nameof(Beta1), Beta1, "β1 must lie in [0, 1).");
        if (!(Beta2 is >= 0 and < 1))
            throw new ArgumentOutOfRangeException(nameof(Beta2), Beta2, "β2 must lie in [0, 1).");
        if (!((float)Epsilon >= SmallestEpsilon && float.IsFinite((float)Epsilon)))
            throw new ArgumentOutOfRangeException(nameof(Epsilon), Epsilon, $"ε must be at least {SmallestEpsilon} and finite in single precision.");
        if (!(WeightDecay >= 0 && double.IsFinite(WeightDecay)))
            throw new ArgumentOutOfRangeException(nameof(WeightDecay), WeightDecay, "The weight decay must be at least 0 and finite.");
    }
}

/// <summary>
/// One step of Adam (Kingma and Ba 2014) that ASCENDS an objective J: with d = −∂J/∂Θ + λΘ, m ← β1 m + (1−β1) d,
/// v ← β2 v + (1−β2) d², Θ ← Θ − α·(m/(1−β1^t)) / (√(v/(1−β2^t)) + ε). All tables [L, L]; Θ, m and v are updated in place.
/// </summary>
/// <remarks>Bound by memory: 4 tables read, 3 written. Elementwise, hence the same at any number of threads. Not
/// thread-safe.</remarks>
public sealed unsafe class Adam : IDisposable, IParallelWork
{
    private const int FloatsPerPiece = 1 << 16;

    private readonly AdamOptions _options;
    private Matrix? _theta;
    private Matrix? _gradient;
    private AdamUpdate _update;

    /// <summary>Makes the optimiser of a table of the given shape, its moments zero.</summary>
    public Adam(long rows, int columns, AdamOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        _options = options;
        FirstMoment = new Matrix(rows, columns);
        SecondMoment = new Matrix(rows, columns);
    }

    /// <summary>m.</summary>
    public Matrix FirstMoment { get; }

    /// <summary>v.</summary>
    public Matrix SecondMoment { get; }

    /// <summary>Takes step <paramref name="t"/>.</summary>
    /// <param name="theta">Θ, updated in place.</param>
    /// <param name="gradient">∂J/∂Θ, of the objective that is ascended.</param>
    /// <param name="learningRate">α of this step.</param>
    /// <param name="t">Number of this step, from 1.</param>
    /// <param name="team">Threads to use.</param>
    /// <exception cref="ArgumentException">A shape does not fit, or t is less than 1.</exception>
    public void Step(Matrix theta, Matrix gradient, double learningRate, long t, WorkerTeam team)
    {
        ArgumentNullException.ThrowIfNull(theta);
        ArgumentNullException.ThrowIfNull(gradient);
        ArgumentNullException.ThrowIfNull(team);
        ArgumentOutOfRangeException.ThrowIfLessThan(t, 1);
        if (theta.Bytes != FirstMoment.Bytes || theta.Columns != FirstMoment.Columns
            || gradient.Rows != theta.Rows || gradient.Columns != theta.Columns)
        {
            throw new ArgumentException(
                $"Θ [{theta.Rows}, {theta.Columns}] and its gradient [{gradient.Rows}, {gradient.Columns}] must be " +
                $"[{FirstMoment.Rows}, {FirstMoment.Columns}].");
        }

        _update = new AdamUpdate(_options, learningRate, t);
        (_theta, _gradient) = (theta, gradient);
        long floats = theta.Rows * theta.Stride;
        team.Run(this, checked((int)((floats + FloatsPerPiece - 1) / FloatsPerPiece)));
    }

    /// <summary>Frees the moments.</summary>
    public void Dispose()
    {
        FirstMoment.Dispose();
        SecondMoment.Dispose();
    }

    void IParallelWork.Execute(int index, int worker)
    {
        long first = (long)index * FloatsPerPiece;
        long count = Math.Min(FloatsPerPiece, (_theta!.Rows * _theta.Stride) - first);
        _update.Apply(
            _theta.Pointer + first, _gradient!.Pointer + first, FirstMoment.Pointer + first, SecondMoment.Pointer + first, count);
    }
}
