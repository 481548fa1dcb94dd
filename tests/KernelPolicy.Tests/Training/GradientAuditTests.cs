using KernelPolicy.Kernels;
using KernelPolicy.Policy;
using KernelPolicy.Tests.Support;
using NUnit.Framework;

namespace KernelPolicy.Tests.Training;

[TestFixture]
public sealed class GradientAuditTests
{
    private static readonly TrainingOptions Options = new()
    {
        Epochs = 3, BatchSize = 16, LearningRate = new LearningRate(0.02), BiasAuditContexts = 40, BiasAuditRepetitions = 6,
    };

    private string _folder = "";

    [SetUp]
    public void MakeFolder() => _folder = Directory.CreateTempSubdirectory("kernelpolicy-bias").FullName;

    [TearDown]
    public void RemoveFolder() => Directory.Delete(_folder, recursive: true);

    [Test]
    public void The_exact_estimator_has_no_error()
    {
        (_, TrainingResult result) = Train(new ExactOptions(), Options);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(result.GradientAudits.Select(a => (a.Epoch, a.Step)), Is.EqualTo(new[] { (0, 0L), (1, 10L), (2, 20L), (3, 30L) }));
            Assert.That(result.GradientAudits.Select(a => a.SquaredError), Has.All.LessThan(1e-12));
            Assert.That(result.GradientAudits.Select(a => Math.Abs(a.SquaredBias)), Has.All.LessThan(1e-12));
            Assert.That(result.GradientAudits.Select(a => a.Cosine), Has.All.EqualTo(1).Within(1e-9));
            Assert.That(result.Epochs.Select(e => e.Gradient), Is.EqualTo(result.GradientAudits.Skip(1)));
            Assert.That(result.GradientAudits[0].Contexts, Is.EqualTo(40));
        }
    }

    /// <summary>The objective is the training's, or the exact estimator would be found wrong.</summary>
    [Test]
    public void The_exact_estimator_of_another_objective_has_no_error([Values] bool biased)
    {
        using var problem = new SmallProblem();
        using Matrix reference = new(SmallProblem.Dimension, SmallProblem.Dimension);
        reference.Row(0)[1] = 0.5f;
        using Matrix bias = Seeded.Matrix(8, 1, SmallProblem.Dimension);
        TrainingObjective objective = TrainingObjective.LogLikelihood with { KlWeight = 0.3, Reference = new QueryMap(reference, biased ? bias : null) };
        using IGradientEstimator exact = GradientEstimators.Create(
            new ExactOptions(),
            new EstimatorSetting(problem.Factors, problem.Train.Rewards, 16, 1, problem.Team) { Objective = objective });
        using var trainer = new Trainer(problem.Train, exact, Options with { Epochs = 1 }, problem.Team);
        double[] errors = [.. trainer.Run().GradientAudits.Select(a => a.SquaredError)];
        Assert.That(errors, Has.Length.EqualTo(2));
        Assert.That(errors, Has.All.LessThan(1e-12));
    }

    [Test]
    public void The_audit_changes_nothing_of_the_training(
        [ValueSource(typeof(SmallProblem), nameof(SmallProblem.Estimators))] EstimatorOptions estimator)
    {
        float[] with = Train(estimator, Options).Theta, without = Train(estimator, Options with { BiasAuditContexts = 0 }).Theta;
        Assert.That(with, Is.EqualTo(without));
    }

    [Test]
    public void A_resumed_training_reports_the_same([Values(1, 10, 17)] int stopAfter)
    {
        MixtureOptions estimator = new(64, 16) { IsAdaptive = true };
        TrainingOptions options = Options with { CheckpointPath = Path.Combine(_folder, "checkpoint"), CheckpointEverySteps = 1 };
        TrainingResult whole = Train(estimator, Options).Result;
        using var problem = new SmallProblem();
        using IGradientEstimator method = problem.Estimator(estimator, options.BatchSize);
        using (var stop = new CancellationTokenSource())
        using (var first = new Trainer(problem.Train, method, options, problem.Team, problem.Validation, problem.Index))
        {
            var steps = new TrainingStepCounter(stopAfter, stop);
            Assert.Throws<OperationCanceledException>(() => first.Run(steps, stop.Token));
        }

        using var second = new Trainer(problem.Train, method, options, problem.Team, problem.Validation, problem.Index);
        second.Resume(options.CheckpointPath!);
        TrainingResult resumed = second.Run();
        Assert.That(resumed.GradientAudits, Is.EqualTo(whole.GradientAudits));
        Assert.That(resumed.Epochs.Select(e => e.Gradient), Is.EqualTo(whole.Epochs.Select(e => e.Gradient)));
        Assert.That(resumed.Epochs.Select(e => e.Epsilon), Is.EqualTo(whole.Epochs.Select(e => e.Epsilon)));
        Assert.That(resumed.Epochs[0].Epsilon, Is.InRange(AdaptiveEpsilon.Least(64), AdaptiveEpsilon.Largest));
    }

    /// <summary>Few uniform draws of a sharp policy: the ratio's bias is far above its noise, and a simulation with other draws finds
    /// the same.</summary>
    [Test]
    public void The_bias_of_few_draws_is_the_simulated_one()
    {
        const int Simulated = 4000, B = 150, L = SmallProblem.Dimension;
        using var problem = new SmallProblem();
        using Matrix theta = Sharp(2);
        TrainingOptions options = Options with { BatchSize = B, BiasAuditContexts = B, BiasAuditRepetitions = 200 };
        using IGradientEstimator method = problem.Estimator(new UniformOptions(16), B), exact = problem.Estimator(new ExactOptions(), B);
        using GradientAuditor auditor = GradientAuditor.For(problem.Train, method, options, problem.Team)!;
        GradientAudit audit = auditor.Audit(0, theta, 0);

        int[] all = [.. Enumerable.Range(0, B)];
        using ContextBatch contexts = new(problem.Train.Contexts, B);
        using EstimatorBatch batch = new(B, L);
        using Matrix g = new(B, L), estimate = new(B, L);
        contexts.Fill(all, problem.Team);
        new Projection().Run(contexts.Rows, theta, batch.Projected, B, problem.Team);
        batch.Set(all, 0);
        exact.Estimate(batch, g);
        double[,] sums = new double[B, L];
        double square = 0, total = 0, length = 0;
        for (int step = 0; step < Simulated; step++)
        {
            batch.Set(all, step);
            method.Estimate(batch, estimate);
            for (int i = 0; i < B; i++)
            {
                for (int l = 0; l < L; l++)
                {
                    double d = (double)estimate.Row(i)[l] - g.Row(i)[l];
                    sums[i, l] += d;
                    square += d * d;
                }
            }
        }

        for (int i = 0; i < B; i++)
        {
            for (int l = 0; l < L; l++)
            {
                total += sums[i, l] * sums[i, l];
                length += (double)g.Row(i)[l] * g.Row(i)[l];
            }
        }

        // Twenty times as many repetitions: its own standard error is about √20 times smaller, and granted as if it were the audit's.
        double bias = (total - square) / ((double)Simulated * (Simulated - 1)) / length, error = square / Simulated / length;
        TestContext.Out.WriteLine($"{audit}; simulated error {error:G4}, bias {bias:G4}");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(bias, Is.GreaterThan(10 * audit.SquaredBiasError), "a bias that the audit can tell from nothing");
            Statistic.AssertMean(audit.SquaredBias, audit.SquaredBiasError * Math.Sqrt(1 + (1.0 / 20)), bias, 0, "squared bias");
            Assert.That(audit.SquaredError, Is.EqualTo(error).Within(0.1 * error));
            Assert.That(audit.ClaimedSquaredError, Is.NaN);
        }
    }

    /// <summary>What strata claim is an estimate from their own draws, pooled over 150 contexts and 40 repetitions: within a factor of 1.5,
    /// where draws are enough for the linear theory of a ratio. With 32 of them, an error of a third, it is not.</summary>
    [Test]
    public void The_error_that_strata_claim_is_the_audited_one([Values(0.5, 2)] double sharpness, [Values] TailSharing sharing)
    {
        using var problem = new SmallProblem();
        using Matrix theta = Sharp((float)sharpness);
        TrainingOptions options = Options with { BiasAuditContexts = 150, BiasAuditRepetitions = 40 };
        using IGradientEstimator method = problem.Estimator(new StrataOptions(8, 128, sharing), 16);
        using GradientAuditor auditor = GradientAuditor.For(problem.Train, method, options, problem.Team)!;
        GradientAudit audit = auditor.Audit(0, theta, 0);
        TestContext.Out.WriteLine(audit);
        Assert.That(audit.ClaimedSquaredError / audit.SquaredError, Is.InRange(1 / 1.5, 1.5));
        Assert.That(audit.SquaredBias, Is.LessThan(audit.SquaredError));
    }

    [Test]
    public void Options_out_of_range_are_named([Values(-1, 10_001)] int contexts, [Values(2, 1001)] int repetitions)
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That(() => (Options with { BiasAuditContexts = contexts }).Validate(), Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.Contains("0 to 10,000"));
            Assert.That(() => (Options with { BiasAuditRepetitions = repetitions }).Validate(), Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.Contains("3 to 1000"));
        }
    }

    private static Matrix Sharp(float scale)
    {
        Matrix theta = new(SmallProblem.Dimension, SmallProblem.Dimension);
        for (int l = 0; l < SmallProblem.Dimension; l++)
            theta.Row(l)[l] = scale;
        return theta;
    }

    private static (float[] Theta, TrainingResult Result) Train(EstimatorOptions estimator, TrainingOptions options)
    {
        using var problem = new SmallProblem();
        using IGradientEstimator method = problem.Estimator(estimator, options.BatchSize);
        using var trainer = new Trainer(problem.Train, method, options, problem.Team, problem.Validation, problem.Index);
        TrainingResult result = trainer.Run();
        return ([.. Enumerable.Range(0, SmallProblem.Dimension).SelectMany(row => trainer.Theta.Row(row).ToArray())], result);
    }

    /// <summary>Stops at the first report once so many steps are done: one comes with each audit at the latest.</summary>
    private sealed class TrainingStepCounter(int steps, CancellationTokenSource stop) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value)
        {
            if (value.Step >= steps)
                stop.Cancel();
        }
    }
}
