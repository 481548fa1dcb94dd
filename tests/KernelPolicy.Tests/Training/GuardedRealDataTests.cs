using KernelPolicy.Data;
using KernelPolicy.Index;
using KernelPolicy.Kernels;
using KernelPolicy.Policy;
using KernelPolicy.Tests.Support;
using NUnit.Framework;

namespace KernelPolicy.Tests.Training;

/// <summary>The case in which an index is known to change what a training ends with: Gowalla, β = V, a learning rate of 0.1
/// and a graph of raw inner products. Skipped where the data are absent.</summary>
/// <remarks>How far the reward moves, and which way, depends on K and on the number of epochs: what a guard promises is the
/// training by the exact scan, not the highest reward.</remarks>
[TestFixture]
public sealed class GuardedRealDataTests
{
    private static readonly MixtureOptions Mixture = new(Samples: 1000, TopK: 10, Epsilon: 0.8);

    private static readonly TrainingOptions Options = new()
    {
        Epochs = 1, Seed = 1, LearningRate = new LearningRate(0.1), Initialisation = ThetaInitialisation.Normal,
    };

    [Test]
    public void Gowalla_with_a_graph_that_fails_ends_where_the_exact_scan_does()
    {
        string[] paths = SharedData.Files("gowalla/gowalla.train.inter.gz", "gowalla/gowalla.test.inter.gz");
        Interactions log = InteractionReader.Read(paths, new InteractionOptions { MinUserInteractions = 4 });
        SessionSplit split = SessionSplit.Create(log, seed: 1);
        using var team = new WorkerTeam(Environment.ProcessorCount);
        SparseRows matrix = TrainingMatrix.Build(split.Train, EmbeddingSource.Histories);
        using Matrix items = TruncatedSvd.Compute(
            matrix, log.ItemCount, new SvdOptions { Rank = 64, SingularPower = 0, Seed = 1 }, team).ItemFactors;
        TrainingProblem train = TrainingProblem.SessionCompletion(items, split.Train.Histories, split.Train.Rewarded);
        TrainingProblem test = TrainingProblem.SessionCompletion(items, split.Test.Histories, split.Test.Rewarded);
        using var exact = new ExactIndex(items);
        using HnswIndex graph = HnswIndex.Build(
            items, new HnswOptions { M = 32, EfSearch = 16, Metric = HnswMetric.InnerProduct, LongestAsStarts = 0 }, team);
        using var guard = new GuardedIndex(graph);

        Outcome byExact = Train(train, test, exact, team);
        Outcome byGraph = Train(train, test, graph, team);
        Outcome byGuard = Train(train, test, guard, team);
        TestContext.Out.WriteLine(
            $"{graph.Report}\nR_test trained and recommended by the exact scan {byExact.Reward:0.0000}, by the graph {byGraph.Reward:0.0000} "
            + $"(its Θ by the scan {byGraph.RewardByScan:0.0000}), by the guard {byGuard.Reward:0.0000}");
        foreach (IndexAudit audit in byGraph.Result.Audits.Concat(byGuard.Result.Audits))
            TestContext.Out.WriteLine($"after step {audit.Step}: {audit.Check}");

        // The guard need not find the same items as the scan, only 0.99 of their mass, so that the draws differ: the rewards
        // of 3,000 test users differ by no more than two standard errors, each sqrt(0.08·0.92/3000) = 0.005.
        using (Assert.EnterMultipleScope())
        {
            Assert.That(byGuard.Reward, Is.EqualTo(byExact.Reward).Within(0.01));
            Assert.That(byGuard.Result.Audits.Select(audit => audit.Check.After.MassRecall), Is.All.GreaterThanOrEqualTo(0.99));
            Assert.That(byGuard.Result.Audits.Any(audit => audit.Check.HasActed), "the graph was too good to show anything");
            Assert.That(byGraph.Result.Audits.Select(audit => audit.Check.Action), Is.All.EqualTo(GuardAction.Measured));
        }
    }

    private static Outcome Train(TrainingProblem train, TrainingProblem test, IMipsIndex index, WorkerTeam team)
    {
        using IGradientEstimator estimator = GradientEstimators.Create(
            Mixture, new EstimatorSetting(train.Items, train.Rewards, Options.BatchSize, Options.Seed, team), index);
        using var trainer = new Trainer(train, estimator, Options, team);
        TrainingResult result = trainer.Run();
        using var evaluator = new PolicyEvaluator(test, team, [1]);
        using var scan = new ExactIndex(train.Items);
        return new Outcome(evaluator.Reward(trainer.Theta, index), evaluator.Reward(trainer.Theta, scan), result);
    }

    private sealed record Outcome(double Reward, double RewardByScan, TrainingResult Result);
}
