using KernelPolicy.Index;
using KernelPolicy.Policy;
using NUnit.Framework;

namespace KernelPolicy.Tests.Estimators;

/// <summary>A training may be resumed only where the estimator's description is that of the checkpoint: equal descriptions
/// must make equal estimates.</summary>
public sealed class EstimatorDescriptionTests
{
    [Test]
    public void Estimators_that_estimate_differently_are_described_differently()
    {
        using var problem = EstimatorCase.Normal(900, 17, 5);
        EstimatorOptions[] kinds =
        [
            .. EstimatorKinds.All, new StrataOptions(21, 48), new StrataOptions(20, 49), new StrataOptions(20, 48, Control: false),
            new StrataOptions(20, 48) { Reuse = HeadReuse.WarmStart }, new StrataOptions(20, 48) { Reuse = HeadReuse.Instead },
            new StrataOptions(20, 48) { Reuse = HeadReuse.Instead, SearchEvery = 5 },
            new StrataOptions(20, 48) { Reuse = HeadReuse.Instead, LargestMiss = 0.02 }, new StrataOptions(20, 48, RelativeError: 0.05),
            new StrataOptions(20, 48, RelativeError: 0.05, LongestTail: 9000),
            new ReinforceOptions(49), new UniformOptions(49), new MixtureOptions(49, 20, 0.5),
            new MixtureOptions(48, 21, 0.5), new MixtureOptions(48, 20, 0.5000000000000001),
        ];
        string[] descriptions = [.. kinds.Select(options =>
        {
            using IGradientEstimator estimator = problem.Estimator(options, problem.Rewards(RewardKind.Dense));
            return estimator.Description;
        })];
        Assert.That(descriptions, Is.Unique);
    }

    [Test]
    public void Graphs_that_find_different_items_are_described_differently()
    {
        using var problem = EstimatorCase.Normal(900, 17, 5);
        HnswOptions poor = new() { M = 4, EfConstruction = 4, EfSearch = 1, LongestAsStarts = 0 };
        using HnswIndex narrow = HnswIndex.Build(problem.Items, poor, problem.Team), wide = narrow.WithEfSearch(900);
        EstimatorSetting setting = new(problem.Items, problem.Rewards(RewardKind.Dense), 5, 1, problem.Team);
        MixtureOptions options = new(48, 2, 0.5);
        using IGradientEstimator one = GradientEstimators.Create(options, setting, narrow);
        using IGradientEstimator other = GradientEstimators.Create(options, setting, wide);
        Assert.That(problem.Estimate(one, [0, 1, 2, 3, 4], 0), Is.Not.EqualTo(problem.Estimate(other, [0, 1, 2, 3, 4], 0)));
        Assert.That(one.Description, Is.Not.EqualTo(other.Description));
    }
}
