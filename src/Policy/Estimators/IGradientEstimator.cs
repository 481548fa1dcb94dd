using KernelPolicy.Index;
using KernelPolicy.Kernels;

namespace KernelPolicy.Policy;

/// <summary>
/// An estimator of g = Cov_{a~π}[r_a, β_a] for each context of a batch: the one thing in which the methods of training
/// differ (algorithm.md, "one gradient, many estimators").
/// </summary>
/// <remarks>
/// An estimator owns its scratch memory, sized for a batch and a team at construction, and allocates nothing per batch
/// after its first. Same seed, step and contexts give the same g, bit for bit, at any number of threads. Not
/// thread-safe: one batch at a time.
/// </remarks>
public interface IGradientEstimator : IDisposable
{
    /// <summary>The method's name, for logs and results.</summary>
    string Name { get; }

    /// <summary>The method with all its parameters: two estimators with the same description make the same estimates from
    /// the same data and seed.</summary>
    string Description { get; }

    /// <summary>What is made large.</summary>
    TrainingObjective Objective => TrainingObjective.ExpectedReward;

    /// <summary>What the last batch said of itself.</summary>
    BatchStatistics Statistics { get; }

    /// <summary>The index that the method asks for a top K; null where it asks none. A trainer audits it.</summary>
    IMipsIndex? Index => null;

    /// <summary>K, items that the method asks the index for, a context; 0 where it asks none.</summary>
    int RetrievedItems => 0;

    /// <summary>Where the coefficients of g are kept, for items that learn; null where they are not.</summary>
    CoefficientTable? Coefficients => null;

    /// <summary>Hears which rows of β have changed since the last batch, for whatever was computed of them.</summary>
    void ItemsMoved(ReadOnlySpan<int> items)
    {
    }

    /// <summary>What the method remembers of earlier steps beside seed, step and contexts; null where nothing. A trainer clears it at
    /// the start and keeps it in checkpoints.</summary>
    IEstimatorMemory? Memory => null;

    /// <summary>Writes g [B, L], the gradient of the objective in h, for each context of the batch.</summary>
    /// <param name="batch">Contexts, their projections h and the step.</param>
    /// <param name="gradients">Receives G; rows beyond the batch are left alone.</param>
    void Estimate(EstimatorBatch batch, Matrix gradients);
}

/// <summary>The contexts of one step, as an estimator needs them.</summary>
/// <param name="capacity">The largest batch, B.</param>
/// <param name="dimension">L.</param>
/// <param name="hasReference">Whether there is room for the projections of a reference policy.</param>
public sealed class EstimatorBatch(int capacity, int dimension, bool hasReference = false) : IDisposable
{
    private readonly int[] _contexts = new int[capacity];
    private readonly int[] _numbers = new int[capacity];

    /// <summary>h = xΘ + b of each context [B, L].</summary>
    public Matrix Projected { get; } = new(capacity, dimension);

    /// <summary>h_ref = xΘ_ref + b_ref of each context [B, L], filled by the caller; null where the objective has no reference.</summary>
    public Matrix? ReferenceProjected { get; } = hasReference ? new Matrix(capacity, dimension) : null;

    /// <summary>Number of contexts in this batch.</summary>
    public int Count { get; private set; }

    /// <summary>Number of this step, from 0: with the context it names the draws.</summary>
    public long Step { get; private set; }

    /// <summary>Which contexts of those at hand these are.</summary>
    public ReadOnlySpan<int> Contexts => _contexts.AsSpan(0, Count);

    /// <summary>The same in the whole data set, by which draws are named: other than <see cref="Contexts"/> where contexts are spread
    /// over ranks.</summary>
    public ReadOnlySpan<int> Numbers => _numbers.AsSpan(0, Count);

    /// <summary>Sets the contexts of a step; <see cref="Projected"/> is filled by the caller.</summary>
    /// <exception cref="ArgumentException">There are more than fit.</exception>
    public void Set(ReadOnlySpan<int> contexts, long step)
    {
        if (contexts.Length > _contexts.Length)
            throw new ArgumentException($"{contexts.Length} contexts do not fit a batch of {_contexts.Length}.", nameof(contexts));
        contexts.CopyTo(_contexts);
        contexts.CopyTo(_numbers);
        Count = contexts.Length;
        Step = step;
    }

    /// <summary>Sets the contexts of a step where those at hand are shares of a larger data set.</summary>
    /// <exception cref="ArgumentException">There are more than fit, or they are not held.</exception>
    public void Set(ReadOnlySpan<int> contexts, ContextShares shares, long step)
    {
        ArgumentNullException.ThrowIfNull(shares);
        Set(contexts, step);
        if (shares.Shares == 1)
            return;
        for (int i = 0; i < contexts.Length; i++)
            _numbers[i] = shares.Number(contexts[i]);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Projected.Dispose();
        ReferenceProjected?.Dispose();
    }
}

/// <summary>What a batch says of itself, averaged over its contexts.</summary>
/// <param name="MeanReward">The estimate of E_π[r].</param>
/// <param name="EffectiveSampleSize">(Σω)²/Σω²; NaN where the method has no importance weights.</param>
/// <param name="LargestWeight">The largest share that one draw carries; NaN likewise.</param>
/// <param name="QuerySeconds">Seconds in which the index was asked for the batch's top K.</param>
public readonly record struct BatchStatistics(
    double MeanReward, double EffectiveSampleSize, double LargestWeight, double QuerySeconds)
{
    /// <summary>What the strata of the batch said of themselves; zero throughout with other methods.</summary>
    public StrataStatistics Strata { get; init; }

    /// <summary>The ε that an adaptive mixture chose; NaN with other methods.</summary>
    public double Epsilon { get; init; } = double.NaN;
}
