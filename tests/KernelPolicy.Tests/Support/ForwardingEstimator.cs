using KernelPolicy.Index;
using KernelPolicy.Kernels;
using KernelPolicy.Policy;

namespace KernelPolicy.Tests.Support;

/// <summary>Another estimator, which stays the caller's, with something after each of its estimates.</summary>
internal abstract class ForwardingEstimator(IGradientEstimator inner) : IGradientEstimator
{
    public string Name => inner.Name;

    public string Description => inner.Description;

    public TrainingObjective Objective => inner.Objective;

    public BatchStatistics Statistics => inner.Statistics;

    public IMipsIndex? Index => inner.Index;

    public int RetrievedItems => inner.RetrievedItems;

    public CoefficientTable? Coefficients => inner.Coefficients;

    public IEstimatorMemory? Memory => inner.Memory;

    public void ItemsMoved(ReadOnlySpan<int> items) => inner.ItemsMoved(items);

    public void Estimate(EstimatorBatch batch, Matrix gradients)
    {
        inner.Estimate(batch, gradients);
        AfterEstimate(batch, gradients);
    }

    public void Dispose()
    {
    }

    protected abstract void AfterEstimate(EstimatorBatch batch, Matrix gradients);
}

/// <summary>Asks for a stop after some batches.</summary>
internal sealed class StopAfter(IGradientEstimator inner, int batches, CancellationTokenSource? stop) : ForwardingEstimator(inner)
{
    private int _done;

    protected override void AfterEstimate(EstimatorBatch batch, Matrix gradients)
    {
        if (++_done == batches)
            stop?.Cancel();
    }
}

/// <summary>Its gradients are not finite at one step, until it is mended.</summary>
internal sealed class NotFiniteAt(IGradientEstimator inner, long step) : ForwardingEstimator(inner)
{
    public bool IsMended { get; set; }

    protected override void AfterEstimate(EstimatorBatch batch, Matrix gradients)
    {
        if (batch.Step == step && !IsMended)
            gradients.Row(0)[0] = float.NaN;
    }
}
