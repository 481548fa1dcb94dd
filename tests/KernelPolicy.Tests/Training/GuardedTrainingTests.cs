using System.Text;
using System.Text.Json.Nodes;
using KernelPolicy.Index;
using KernelPolicy.Index.Files;
using KernelPolicy.Kernels;
using KernelPolicy.Policy;
using KernelPolicy.Tests.Support;
using NUnit.Framework;

namespace KernelPolicy.Tests.Training;

/// <summary>Trainings by a poor graph: the trainer notices, acts, says so, and resumes to the bit.</summary>
[TestFixture]
public sealed class GuardedTrainingTests
{
    private const int BatchSize = 16;

    private static readonly MixtureOptions Mixture = new(64, 8, 0.2);

    // Few links, chosen carelessly, so that a narrow search misses much; the guard may score the whole catalogue.
    private static readonly HnswOptions Poor = new()
    {
        M = 4, EfConstruction = 4, EfSearch = 1, LongestAsStarts = 0, InnerProductLinks = 0, Metric = HnswMetric.NormAugmented,
    };

    private static readonly TrainingOptions Options = new() { Epochs = 4, BatchSize = BatchSize, LearningRate = new LearningRate(0.02) };

    private string _folder = "";

    [SetUp]
    public void MakeFolder() => _folder = Directory.CreateTempSubdirectory("kernelpolicy-guard").FullName;

    [TearDown]
    public void RemoveFolder() => Directory.Delete(_folder, recursive: true);

    [Test]
    public void A_poor_graph_is_searched_more_widely_and_the_reward_is_that_of_the_exact_scan()
    {
        using Case @case = new(Poor, largestShare: 1);
        (TrainingResult exact, _) = @case.Train(Options with { Epochs = 20 }, @case.Problem.Index);
        List<TrainingProgress> told = [];
        (TrainingResult guarded, _) = @case.Train(Options with { Epochs = 20 }, @case.Guard, progress: told);
        TestContext.Out.WriteLine(string.Join('\n', guarded.Audits.Where(audit => audit.Check.HasActed)));

        // Both have converged; the draws differ where the graph still misses up to a hundredth of the mass. The mean over
        // 150 contexts of a reward of 0 or 1 at about 0.3 has a standard error of sqrt(0.3·0.7/150) = 0.037.
        Assert.Multiple(() =>
        {
            Assert.That(guarded.Epochs[^1].ValidationReward, Is.EqualTo(exact.Epochs[^1].ValidationReward).Within(0.037));
            Assert.That(guarded.Audits.Select(audit => audit.Check.After.MassRecall), Is.All.GreaterThanOrEqualTo(0.99));
            Assert.That(guarded.Audits.Any(audit => audit.Check.HasActed));
            Assert.That(guarded.Audits.Select(audit => audit.Epoch), Is.EqualTo(Enumerable.Range(0, 21)));
            Assert.That(guarded.Audits.Select(audit => audit.Step), Is.EqualTo(Enumerable.Range(0, 21).Select(i => i * 10L)));
            Assert.That(told.Where(at => at.Audit is not null).Select(at => at.Audit), Is.EqualTo(guarded.Audits));
            foreach ((EpochResult epoch, RecallCheck check) in guarded.Epochs.Zip(guarded.Audits.Skip(1).Select(audit => audit.Check)))
            {
                Assert.That(
                    (epoch.IndexRecall, epoch.IndexMassRecall, epoch.EfSearch, epoch.IndexAction),
                    Is.EqualTo((check.Before.Recall, check.Before.MassRecall, check.EfBefore, (GuardAction?)check.Action)));
            }

            Assert.That(exact.Audits, Is.Empty);
            Assert.That(exact.Epochs.Select(epoch => epoch.IndexAction), Is.All.Null);
        });
    }

    [Test]
    public void Where_it_falls_back_before_the_first_step_the_training_is_that_by_the_exact_scan_bit_for_bit()
    {
        using Case @case = new(Poor, largestShare: 0.01);
        (TrainingResult exact, float[] exactTheta) = @case.Train(Options, @case.Problem.Index);
        (TrainingResult guarded, float[] theta) = @case.Train(Options, @case.Guard);
        Assert.Multiple(() =>
        {
            Assert.That(guarded.Audits[0].Check.Action, Is.EqualTo(GuardAction.FellBackToExact));
            Assert.That(theta, Is.EqualTo(exactTheta));
            Assert.That(guarded.Epochs.Select(epoch => epoch.ValidationReward), Is.EqualTo(exact.Epochs.Select(epoch => epoch.ValidationReward)));
            Assert.That(guarded.InitialValidationReward, Is.EqualTo(exact.InitialValidationReward));
        });
    }

    [Test]
    public void A_graph_without_a_guard_is_measured_and_left_alone()
    {
        using Case @case = new(Poor, largestShare: 1);
        (TrainingResult result, float[] theta) = @case.Train(Options, @case.Graph);
        (TrainingResult off, float[] same) = @case.Train(Options with { AuditQueries = 0 }, @case.Graph);
        Assert.Multiple(() =>
        {
            Assert.That(result.Audits.Select(audit => audit.Check.Action), Is.All.EqualTo(GuardAction.Measured));
            Assert.That(result.Epochs.Select(epoch => epoch.IndexMassRecall), Is.All.LessThan(0.99));
            Assert.That((off.Audits.Count, off.Epochs[0].IndexRecall), Is.EqualTo((0, double.NaN)));
            Assert.That(same, Is.EqualTo(theta));
        });
    }

    [Test]
    public void Each_training_begins_with_the_guard_as_it_was_made([Values(1, 3)] int threads)
    {
        using Case @case = new(Poor, largestShare: 1, threads);
        using Case reference = new(Poor, largestShare: 1);
        (_, float[] first) = @case.Train(Options, @case.Guard);
        (_, float[] second) = @case.Train(Options, @case.Guard);
        (_, float[] other) = reference.Train(Options, reference.Guard);
        Assert.That(first, Is.EqualTo(other));
        Assert.That(second, Is.EqualTo(other));
    }

    [Test]
    public void Without_an_estimator_that_asks_it_the_index_of_validation_is_guarded()
    {
        using Case @case = new(Poor, largestShare: 1);
        (TrainingResult result, _) = @case.Train(Options, @case.Guard, new ExactOptions());
        Assert.That(result.Audits.Select(audit => audit.Check.Before.K), Is.All.EqualTo(10));
        Assert.That(result.Audits.Select(audit => audit.Check.After.MassRecall), Is.All.GreaterThanOrEqualTo(0.99));
    }

    [Test]
    public void Stopped_anywhere_and_resumed_it_gives_the_same_theta_audits_and_state(
        [Values(0, 1, 7, 10, 23, 40)] int stopAfter, [Values(0, 3)] int auditEvery, [Values(0.02, 1)] double share)
    {
        string path = Path.Combine(_folder, "checkpoint");
        // Before the first step there is a checkpoint only where no validation is interrupted.
        bool validates = stopAfter > 0;
        TrainingOptions options = Options with { AuditEverySteps = auditEvery, AuditQueries = 20 };
        using Case whole = new(Poor, share);
        (TrainingResult expected, float[] theta) = whole.Train(options, whole.Guard, validates: validates);
        Assert.That(expected.Audits.Any(audit => audit.Check.HasActed));

        // Of 40 steps 13 end a third one, of which step 30 ends an epoch as well.
        Assert.That(expected.Audits, Has.Count.EqualTo(auditEvery == 0 ? 5 : 5 + 12));

        using (Case stopped = new(Poor, share))
        {
            Assert.Throws<OperationCanceledException>(
                () => stopped.Train(options with { CheckpointPath = path }, stopped.Guard, stopAfter: stopAfter, validates: validates));
        }

        using Case resumed = new(Poor, share);
        (TrainingResult result, float[] resumedTheta) = resumed.Train(
            options with { CheckpointPath = path }, resumed.Guard, resume: path, validates: validates);
        Assert.Multiple(() =>
        {
            Assert.That(resumedTheta, Is.EqualTo(theta));
            Assert.That(result.Audits, Is.EqualTo(expected.Audits));
            Assert.That(resumed.Guard.State, Is.EqualTo(whole.Guard.State));
            Assert.That(result.Epochs.Select(epoch => epoch.ValidationReward), Is.EqualTo(expected.Epochs.Select(epoch => epoch.ValidationReward)));
        });
    }

    [Test]
    public void A_checkpoint_of_another_guard_or_none_is_refused()
    {
        string path = Path.Combine(_folder, "checkpoint");
        using Case @case = new(Poor, largestShare: 1);
        TrainingOptions options = Options with { Epochs = 1, CheckpointPath = path };
        @case.Train(options, @case.Guard);
        using GuardedIndex otherShare = new(@case.Graph, 0.5);
        Assert.Multiple(() =>
        {
            Refused(options with { RecallBound = 0.9 }, @case.Guard, "/0.9/");
            Refused(options with { AuditQueries = 0 }, @case.Guard, "belongs to another training");
            Refused(options with { AuditEverySteps = 7 }, @case.Guard, "audit=128/7/");
            Refused(options, otherShare, "guarded/0.5/");
            Refused(options, @case.Graph, "belongs to another training");
        });

        void Refused(TrainingOptions other, IMipsIndex index, string message) => Assert.That(
            () => @case.Train(other, index, resume: path), Throws.InstanceOf<InvalidDataException>().With.Message.Contains(message));
    }

    [Test]
    public void A_checkpoint_of_format_version_1_goes_on_without_a_guard_and_is_refused_with_one()
    {
        string path = Path.Combine(_folder, "checkpoint");
        TrainingOptions options = Options with { CheckpointPath = path, AuditQueries = 0 };
        using Case @case = new(Poor, largestShare: 1);
        (_, float[] whole) = @case.Train(options, @case.Graph);
        @case.Train(options with { Epochs = 2 }, @case.Graph);
        AsVersion1(path);
        InvalidDataException refused = Assert.Throws<InvalidDataException>(
            () => @case.Train(options with { AuditQueries = 128 }, @case.Guard, resume: path))!;
        Assert.That(refused.Message, Does.Contain("format version 1").And.Contain("without a guard"));
        (TrainingResult result, float[] theta) = @case.Train(options, @case.Graph, resume: path);
        Assert.That(theta, Is.EqualTo(whole));
        Assert.That(result.Epochs, Has.Count.EqualTo(4));
    }

    // What version 1 wrote: no audits, no guard, and epochs that say nothing of the index.
    private static void AsVersion1(string path)
    {
        byte[] facts;
        Matrix[] tables;
        string[] names = ["theta", "first-moment", "second-moment", "best-theta"];
        using (var reader = new SectionFileReader(path, "CKPT", 2))
        {
            JsonNode json = JsonNode.Parse(reader.ReadBytes("facts"))!;
            JsonObject state = json["State"]!.AsObject();
            Assert.That(state.Remove("Audits") && state.Remove("Guard"));
            foreach (JsonNode? epoch in state["Epochs"]!.AsArray())
            {
                foreach (string name in new[] { "IndexRecall", "IndexMassRecall", "EfSearch", "IndexAction" })
                    Assert.That(epoch!.AsObject().Remove(name), name);
            }

            facts = Encoding.UTF8.GetBytes(json.ToJsonString());
            tables = [.. names.Select(name => reader.ReadMatrix(name, SmallProblem.Dimension, SmallProblem.Dimension))];
        }

        SectionFileWriter.Write(
            path, "CKPT", 1, [SectionToWrite.Of("facts", facts), .. names.Zip(tables, SectionFileReader.WriteMatrix)]);
        foreach (Matrix table in tables)
            table.Dispose();
    }

    [TestCase(-1, 0.99, "AuditQueries")]
    [TestCase(1_000_001, 0.99, "AuditQueries")]
    [TestCase(128, -0.01, "RecallBound")]
    [TestCase(128, 1.01, "RecallBound")]
    [TestCase(128, double.NaN, "RecallBound")]
    public void Options_out_of_range_are_named(int queries, double bound, string name) => Assert.That(
        () => (Options with { AuditQueries = queries, RecallBound = bound }).Validate(),
        Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.Contains(name).And.Message.Contains("must lie in 0 to 1"));

    private sealed class Case : IDisposable
    {
        public Case(HnswOptions graph, double largestShare, int threads = 2)
        {
            Problem = new SmallProblem(threads);
            Graph = HnswIndex.Build(Problem.Factors, graph, Problem.Team);
            Guard = new GuardedIndex(Graph, largestShare);
        }

        public SmallProblem Problem { get; }

        public HnswIndex Graph { get; }

        public GuardedIndex Guard { get; }

        public (TrainingResult Result, float[] Theta) Train(
            TrainingOptions options, IMipsIndex index, EstimatorOptions? estimator = null, List<TrainingProgress>? progress = null,
            string? resume = null, int stopAfter = -1, bool validates = true)
        {
            using IGradientEstimator method = GradientEstimators.Create(
                estimator ?? Mixture, new EstimatorSetting(Problem.Factors, Problem.Train.Rewards, options.BatchSize, options.Seed, Problem.Team), index);
            using CancellationTokenSource stop = new();
            using IGradientEstimator stopping = new StopAfter(method, stopAfter, stop);
            using Trainer trainer = new(Problem.Train, stopping, options, Problem.Team, validates ? Problem.Validation : null, index);
            if (resume is not null)
                trainer.Resume(resume);
            if (stopAfter == 0)
                stop.Cancel();
            TrainingResult result = trainer.Run(progress is null ? null : new Listed(progress), stop.Token);
            return (result, Enumerable.Range(0, (int)trainer.Theta.Rows).SelectMany(row => trainer.Theta.Row(row).ToArray()).ToArray());
        }

        public void Dispose()
        {
            Guard.Dispose();
            Graph.Dispose();
            Problem.Dispose();
        }
    }

    private sealed class Listed(List<TrainingProgress> list) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => list.Add(value);
    }
}
