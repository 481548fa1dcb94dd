using KernelPolicy.Data;
using KernelPolicy.Index;
using KernelPolicy.Kernels;
using KernelPolicy.Policy;
using KernelPolicy.Tests.Support;
using NUnit.Framework;

namespace KernelPolicy.Tests.Training;

/// <summary>Interactions in, reward on held-out users out, on real data; skipped where that is absent.</summary>
[TestFixture]
public sealed class RealDataTests
{
    // A PyTorch run on a 90/10 split gave 0.1129 before and 0.1457 after six epochs; another split of 3,000 test users moves
    // either by its standard error, sqrt(0.13·0.87/3000) = 0.006.
    private const double SplitNoise = 0.006;

    [Test]
    public void Gowalla_exact_gradient_follows_the_known_curve()
    {
        Outcome outcome = Train(
            ["gowalla/gowalla.train.inter.gz", "gowalla/gowalla.test.inter.gz"], new ExactOptions(), epochs: 6);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(outcome.Before, Is.EqualTo(0.1129).Within(SplitNoise));
            Assert.That(outcome.After, Is.EqualTo(0.1457).Within(SplitNoise));
            Assert.That(outcome.AfterByHnsw, Is.EqualTo(outcome.After).Within(0.01 * outcome.After));
            Assert.That(outcome.After, Is.GreaterThan(2 * outcome.Popularity));
        }
    }

    [Test]
    public void Gowalla_mixture_keeps_up_with_the_exact_gradient()
    {
        string[] files = ["gowalla/gowalla.train.inter.gz", "gowalla/gowalla.test.inter.gz"];
        Outcome exact = Train(files, new ExactOptions(), epochs: 2);
        Outcome mixture = Train(files, new MixtureOptions(), epochs: 2);
        // Same split and order of contexts: only the noise of the gradient differs.
        Assert.That(mixture.After, Is.EqualTo(exact.After).Within(SplitNoise));
    }

    [TestCase(false, 0.8, MixtureSampler.Stratified)]
    [TestCase(true, 0.2, MixtureSampler.Iid)]
    public void MovieLens_small_trains_by_every_estimator(bool baseline, double epsilon, MixtureSampler sampler)
    {
        Outcome mixture = Train(["ml-latest-small/ratings.csv.gz"], new MixtureOptions(500, 64, epsilon, sampler), epochs: 8);
        Outcome reinforce = Train(["ml-latest-small/ratings.csv.gz"], new ReinforceOptions(500, baseline), epochs: 8);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(mixture.TrainingRewards[^1], Is.GreaterThan(mixture.TrainingRewards[0]));
            Assert.That(reinforce.TrainingRewards[^1], Is.GreaterThan(reinforce.TrainingRewards[0]));
        }
    }

    private static Outcome Train(string[] files, EstimatorOptions estimator, int epochs)
    {
        string[] paths = SharedData.Files(files);
        Interactions log = InteractionReader.Read(paths, new InteractionOptions { MinUserInteractions = 4 });
        SessionSplit split = SessionSplit.Create(log, seed: 1);
        using var team = new WorkerTeam(Environment.ProcessorCount);
        SparseRows matrix = TrainingMatrix.Build(split.Train, EmbeddingSource.Histories);
        using Matrix items = TruncatedSvd.Compute(matrix, log.ItemCount, new SvdOptions { Rank = 64, Seed = 1 }, team).ItemFactors;
        using var index = new ExactIndex(items);
        TrainingProblem train = TrainingProblem.SessionCompletion(items, split.Train.Histories, split.Train.Rewarded);
        TrainingProblem test = TrainingProblem.SessionCompletion(items, split.Test.Histories, split.Test.Rewarded);
        var options = new TrainingOptions { Epochs = epochs, Seed = 1 };
        using IGradientEstimator method = GradientEstimators.Create(
            estimator, new EstimatorSetting(items, train.Rewards, options.BatchSize, options.Seed, team), index);
        using var trainer = new Trainer(train, method, options, team);
        using var evaluator = new PolicyEvaluator(test, team);
        double before = evaluator.Reward(trainer.Theta, index);
        TrainingResult result = trainer.Run();
        double after = evaluator.Reward(trainer.Theta, index);
        using HnswIndex graph = HnswIndex.Build(items, options: null, team);
        return new Outcome(
            before,
            after,
            evaluator.Reward(trainer.Theta, graph),
            PopularityBaseline.Reward(PopularityBaseline.Count(matrix, log.ItemCount), split.Test.Histories, test.Rewards),
            result.Epochs.Select(e => e.TrainingReward).ToArray());
    }

    private sealed record Outcome(double Before, double After, double AfterByHnsw, double Popularity, double[] TrainingRewards);
}
