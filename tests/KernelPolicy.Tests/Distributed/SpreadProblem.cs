using KernelPolicy.Distributed;
using KernelPolicy.Index;
using KernelPolicy.Kernels;
using KernelPolicy.Policy;
using KernelPolicy.Tests.Training;

namespace KernelPolicy.Tests.Distributed;

/// <summary>What one rank has of <see cref="SmallProblem"/>, its contexts spread, and a training of it.</summary>
internal sealed class SpreadProblem : IDisposable
{
    private readonly SmallProblem _whole;
    private readonly RankGroup _group;
    private readonly SpreadGradient _exchange;
    private readonly IGradientEstimator _estimator;
    private readonly TrainingStep _steps;

    public SpreadProblem(
        ICommunicator communicator, int shares, EstimatorOptions estimator, TrainingOptions options, HeadTiming heads,
        int threads = 1, IMipsIndex? index = null, RankPace? pace = null,
        Func<IGradientExchange, IGradientExchange>? wrap = null)
    {
        _whole = new SmallProblem(threads);
        TrainingProblem train = Part(_whole.Train, shares, communicator);
        TrainingProblem validation = Part(_whole.Validation, communicator.Size, communicator);
        _group = new RankGroup(communicator);
        _exchange = new SpreadGradient(communicator, _group, SmallProblem.Dimension, pace);
        int batch = options.BatchSize * train.Shares.Own.Count;
        _estimator = GradientEstimators.Create(
            estimator, new EstimatorSetting(_whole.Factors, train.Rewards, batch, options.Seed, _whole.Team), index ?? _whole.Index);
        _steps = new TrainingStep(
            train, _estimator, new Matrix(SmallProblem.Dimension, SmallProblem.Dimension), batch, options.Adam, _whole.Team, heads: heads,
            exchange: wrap?.Invoke(_exchange) ?? _exchange);
        Trainer = new Trainer(train, _steps, options, _whole.Team, validation, index ?? _whole.Index, _group);
    }

    public Trainer Trainer { get; }

    public SpreadGradient Exchange => _exchange;

    public TrainingStep Steps => _steps;

    public float[] Theta => Enumerable.Range(0, SmallProblem.Dimension).SelectMany(row => Trainer.Theta.Row(row).ToArray()).ToArray();

    /// <summary>The contexts of a problem that a rank holds.</summary>
    public static TrainingProblem Part(TrainingProblem whole, int shares, ICommunicator communicator)
    {
        ContextShares part = new(whole.Contexts.Count, shares, communicator.Size, communicator.Rank);
        SparseRows rewarded = SparseRows.FromLists(
            [.. Enumerable.Range(0, whole.Contexts.Count).Select(context => (IReadOnlyList<int>)whole.Rewards.RewardedItems(context).ToArray())]);
        return TrainingProblem.SessionCompletion(
            whole.Items, part.Select(((HistoryContexts)whole.Contexts).Histories), part.Select(rewarded)) with { Shares = part };
    }

    public void Dispose()
    {
        Trainer.Dispose();
        _steps.Theta.Dispose();
        _steps.Dispose();
        _estimator.Dispose();
        _exchange.Dispose();
        _group.Dispose();
        _whole.Dispose();
    }
}
