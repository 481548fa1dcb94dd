using KernelPolicy.Index;
using KernelPolicy.Kernels;

namespace KernelPolicy.Policy;

/// <summary>
/// The steps of a training, wherever they run: Θ and Adam's moments, a batch's gradient, the ascent. A <see cref="Trainer"/>
/// says which contexts, when, and at which learning rate.
/// </summary>
/// <remarks>
/// A step may be asynchronous: <see cref="Run"/> asks for it, <see cref="Collect"/> waits for all that were asked for. The
/// host tables are those of the last <see cref="Pull"/> or <see cref="Push"/>, which are called with no step under way. Same
/// values, order and steps give the same tables, bit for bit, whenever they are collected or pulled. Not thread-safe: one
/// call at a time, one trainer at a time.
/// </remarks>
public interface ITrainingSteps : IDisposable
{
    /// <summary>The name of the method that estimates gradients, for logs and results.</summary>
    string EstimatorName { get; }

    /// <summary>The method with all its parameters, and where the steps run if their numbers are others there: part of what a
    /// checkpoint is known by.</summary>
    string Description { get; }

    /// <summary>What runs the steps, for results and files: simd 512.</summary>
    string Runner { get; }

    /// <summary>Whether a step is done when <see cref="Run"/> returns. A trainer then collects after each, so that its sums
    /// do not depend on the clock.</summary>
    bool IsSynchronous => false;

    /// <summary>The index that is asked for a top K, to be audited by the trainer; null where none is, or where the steps scan
    /// by themselves.</summary>
    IMipsIndex? Index { get; }

    /// <summary>K, items retrieved for a context; 0 where none are.</summary>
    int RetrievedItems { get; }

    /// <summary>Whether and how the steps let items learn.</summary>
    ItemLearning Items => ItemLearning.Frozen;

    /// <summary>What is trained beside Θ; empty where items are frozen. Kept in checkpoints, as Θ is.</summary>
    IReadOnlyList<TrainedTable> Tables => [];

    /// <summary>How a context becomes a query, on the host, all corrections folded in. What it holds may change with the next call of
    /// it or the next step.</summary>
    QueryMap Query => new(Theta);

    /// <summary>Whether the steps join their gradients with those of other ranks, each of which has a part of the contexts.</summary>
    bool JoinsRanks => false;

    /// <summary>What the estimator remembers of earlier steps; null where nothing.</summary>
    IEstimatorMemory? Memory => null;

    /// <summary>The estimator of a batch's G on the host, made for batches of the training's size, to be audited by the trainer
    /// between steps; null where G is estimated elsewhere.</summary>
    IGradientEstimator? Estimator => null;

    /// <summary>Θ [L, L] on the host.</summary>
    Matrix Theta { get; }

    /// <summary>Adam's m [L, L] on the host.</summary>
    Matrix FirstMoment { get; }

    /// <summary>Adam's v [L, L] on the host.</summary>
    Matrix SecondMoment { get; }

    /// <summary>Takes the contexts of an epoch in the order of its steps. They are copied; no step is under way.</summary>
    void SetOrder(ReadOnlySpan<int> order);

    /// <summary>Asks for one step. It may return before the step is done, and may wait for earlier ones.</summary>
    /// <param name="first">The batch's first place in the order.</param>
    /// <param name="count">Contexts of the batch, from there.</param>
    /// <param name="number">Number of the step, from 0: with the context it names the draws.</param>
    /// <param name="learningRate">α of this step.</param>
    /// <exception cref="ArgumentException">The batch is not within the order, or larger than the steps were made for.</exception>
    /// <exception cref="TrainingDivergedException">Numbers are no longer finite. Steps that are asynchronous may throw it from
    /// <see cref="Collect"/> alone.</exception>
    void Run(long first, int count, long number, double learningRate);

    /// <summary>Waits for all steps asked for.</summary>
    /// <returns>Sums over the steps since the last call.</returns>
    /// <exception cref="TrainingDivergedException">Numbers of one of them are not finite; it names the first such step and its
    /// tensor. None is under way any more, and their sums are dropped.</exception>
    StepSums Collect();

    /// <summary>Brings the host tables up to date.</summary>
    void Pull();

    /// <summary>Goes on from the host tables. What steps were asked for and not collected is dropped.</summary>
    void Push();
}

/// <summary>Sums over steps of what each batch said of itself.</summary>
/// <param name="Batches">Number of steps.</param>
/// <param name="Reward">Sum of the estimates of E_π[r].</param>
/// <param name="EffectiveSampleSize">Sum of (Σω)²/Σω²; NaN where the method has no importance weights.</param>
/// <param name="LargestWeight">Sum of the largest shares that one draw carries; NaN likewise.</param>
/// <param name="QuerySeconds">Seconds in which the top K was searched.</param>
public readonly record struct StepSums(
    long Batches, double Reward, double EffectiveSampleSize, double LargestWeight, double QuerySeconds)
{
    /// <summary>Sums over the steps' strata; zero throughout with other methods.</summary>
    public StrataStatistics Strata { get; init; }

    /// <summary>Sum of the ε that an adaptive mixture chose; NaN with other methods.</summary>
    public double Epsilon { get; init; } = double.NaN;

    /// <summary>The mean over the batches; NaN throughout where there are none.</summary>
    public BatchStatistics Mean => new(
        Reward / Batches, EffectiveSampleSize / Batches, LargestWeight / Batches, QuerySeconds / Batches)
    {
        Strata = Strata,
        Epsilon = Epsilon / Batches,
    };

    /// <summary>These and one batch more.</summary>
    public StepSums Plus(BatchStatistics batch) => new(
        Batches + 1,
        Reward + batch.MeanReward,
        EffectiveSampleSize + batch.EffectiveSampleSize,
        LargestWeight + batch.LargestWeight,
        QuerySeconds + batch.QuerySeconds)
    {
        Strata = Strata.Plus(batch.Strata),
        Epsilon = Epsilon + batch.Epsilon,
    };
}
