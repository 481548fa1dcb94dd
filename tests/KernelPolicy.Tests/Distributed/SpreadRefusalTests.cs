using KernelPolicy.Distributed;
using KernelPolicy.Kernels;
using KernelPolicy.Policy;
using KernelPolicy.Tests.Training;
using NUnit.Framework;

namespace KernelPolicy.Tests.Distributed;

/// <summary>What would train something else in silence is refused.</summary>
[TestFixture]
public sealed class SpreadRefusalTests
{
    private static readonly TrainingOptions Options = new() { Epochs = 1, BatchSize = 4 };

    [Test]
    public void Estimators_that_cannot_be_spread_are_refused() => LocalRanks.Run(2, communicator =>
    {
        Assert.That(
            () => new SpreadProblem(communicator, 2, new StrataOptions(16, 32) { Reuse = HeadReuse.Union }, Options, HeadTiming.SameStep),
            Throws.ArgumentException.With.Message.Contain("reuse none"));
        Assert.That(
            () => new SpreadProblem(communicator, 2, new UniformOptions(64), Options, HeadTiming.StepBefore),
            Throws.ArgumentException.With.Message.Contain("step before"));
    });

    [Test]
    public void A_share_of_the_contexts_without_an_exchange_or_an_exchange_without_a_group_is_refused() => LocalRanks.Run(2, communicator =>
    {
        using SmallProblem whole = new(1);
        TrainingProblem train = SpreadProblem.Part(whole.Train, 2, communicator);
        using RankGroup group = new(communicator);
        using SpreadGradient exchange = new(communicator, group, SmallProblem.Dimension);
        using IGradientEstimator estimator = whole.Estimator(new StrataOptions(16, 32), 4);
        using TrainingStep alone = Steps(null), joined = Steps(exchange);
        Assert.That(() => new Trainer(train, alone, Options, whole.Team, group: group), Throws.ArgumentException.With.Message.Contain("join"));
        Assert.That(() => new Trainer(train, joined, Options, whole.Team), Throws.ArgumentException.With.Message.Contain("group"));

        TrainingStep Steps(IGradientExchange? with) => new(
            train, estimator, new Matrix(SmallProblem.Dimension, SmallProblem.Dimension), 4, new AdamOptions(), whole.Team, exchange: with);
    });
}
