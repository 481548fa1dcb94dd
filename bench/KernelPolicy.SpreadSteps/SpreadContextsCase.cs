using KernelPolicy.Distributed;
using KernelPolicy.Index;
using KernelPolicy.Kernels;
using KernelPolicy.Policy;

namespace KernelPolicy.SpreadSteps;

/// <summary>All items on each rank, contexts spread.</summary>
internal sealed class SpreadContextsCase : SpreadCase
{
    private readonly HnswIndex _index;
    private readonly TrainingProblem _problem;

    public SpreadContextsCase(ICommunicator communicator, SpreadRequest request)
        : base(communicator, request)
    {
        _index = Graph(Workload.Items, $"all-{request.Items}");
        ContextShares shares = new(Workload.Histories.Count, request.Shares, communicator.Size, communicator.Rank);
        _problem = TrainingProblem.SessionCompletion(Workload.Items, shares.Select(Workload.Histories), shares.Select(Workload.Rewarded)) with
        {
            Shares = shares,
        };
    }

    protected override string Spread => "contexts";

    public override void Dispose()
    {
        _index.Dispose();
        base.Dispose();
    }

    protected override SpreadSteps Prepare(int batchSize)
    {
        int own = batchSize * _problem.Shares.Own.Count;
        RankGroup group = new(Communicator);
        SpreadGradient? exchange = Communicator.Size == 1 ? null : new SpreadGradient(Communicator, group, Request.Dimension);
        IGradientEstimator estimator = GradientEstimators.Create(
            new StrataOptions(Request.TopK, Request.Tail), new EstimatorSetting(Workload.Items, _problem.Rewards, own, Seed, Team), _index);
        TrainingStep steps = new(
            _problem, estimator, new Matrix(Request.Dimension, Request.Dimension), own, new AdamOptions(), Team,
            heads: Request.IsSameStep ? HeadTiming.SameStep : HeadTiming.StepBefore, exchange: exchange);
        return new SpreadSteps(
            steps, _problem.Contexts.Count, own, batchSize * Request.Shares, SpreadGradient.TotalBytes(Communicator.Size, Request.Dimension),
            () => exchange?.WaitSeconds ?? 0, [estimator, group, .. exchange is null ? Array.Empty<IDisposable>() : [exchange]]);
    }
}
