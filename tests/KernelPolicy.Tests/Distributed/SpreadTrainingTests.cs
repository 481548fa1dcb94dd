using System.Numerics.Tensors;
using KernelPolicy.Distributed;
using KernelPolicy.Kernels;
using KernelPolicy.Policy;
using KernelPolicy.Tests.Estimators;
using KernelPolicy.Tests.Support;
using KernelPolicy.Tests.Training;
using NUnit.Framework;

namespace KernelPolicy.Tests.Distributed;

/// <summary>Trainings and evaluations on a catalogue that lies in shards.</summary>
[TestFixture]
public sealed class SpreadTrainingTests
{
    private const int BatchSize = 16;

    private static readonly TrainingOptions Options = new() { Epochs = 1, BatchSize = BatchSize, LearningRate = new LearningRate(0.02) };

    /// <summary>Every rank has the same Θ, bit for bit, and the training learns.</summary>
    [Test]
    public void All_ranks_have_the_same_theta_and_learn([Values(1, 2, 3, 4)] int ranks)
    {
        using SmallProblem whole = new();
        (float[] Theta, TrainingResult Result)[] made = ShardParts.OfEach(ranks, communicator =>
        {
            using SpreadCase own = new(communicator, whole, BatchSize);
            using ShardedStrataEstimator estimator = own.Estimator(new StrataOptions(16, 32), BatchSize);
            using Trainer trainer = new(own.Train, estimator, Options with { Epochs = 20 }, own.Team, own.Validation, own.Index);
            TrainingResult result = trainer.Run();
            return (ShardParts.Values(trainer.Theta), result);
        });
        foreach ((float[] theta, TrainingResult result) in made)
        {
            Assert.That(theta, Is.EqualTo(made[0].Theta));
            Assert.That(result.Epochs.Select(epoch => epoch.ValidationReward), Is.EqualTo(made[0].Result.Epochs.Select(epoch => epoch.ValidationReward)));
        }

        // What TrainerTests asks of every estimator.
        Assert.That(made[0].Result.InitialValidationReward, Is.LessThan(0.05));
        Assert.That(made[0].Result.Epochs[^1].ValidationReward, Is.GreaterThan(0.2));
    }

    /// <summary>A rank alone trains as one process does.</summary>
    [Test]
    public void A_rank_alone_trains_as_one_process([Values] TailSharing sharing)
    {
        using SmallProblem whole = new(threads: 1);
        StrataOptions options = new(16, 32, sharing);
        using IGradientEstimator plain = whole.Estimator(options, BatchSize);
        using Trainer expected = new(whole.Train, plain, Options, whole.Team, whole.Validation, whole.Index);
        expected.Run();
        using ICommunicator solo = LocalRanks.Solo();
        using SpreadCase own = new(solo, whole, BatchSize);
        using ShardedStrataEstimator estimator = own.Estimator(options, BatchSize);
        using Trainer trainer = new(own.Train, estimator, Options, own.Team, own.Validation, own.Index);
        trainer.Run();
        Assert.That(ShardParts.Values(trainer.Theta), Is.EqualTo(ShardParts.Values(expected.Theta)));
    }

    /// <summary>Where nothing is left to chance ranks train as one process, to rounding.</summary>
    /// <remarks>
    /// Tolerance. Let M bound |β|, and with it the means x, and r ≤ 1. An entry of the gradient is a mean of x_i g_j. g is off by ρ (T₁ + 3 T₂) ≤
    /// 4 ρ M (<see cref="ErrorBound"/>), ρ of 300 items and of 60 roundings in scores, of size L M², in x, shares and sums: entries
    /// by δ = 4 ρ M². Θ that is off by e moves h by at most L M e, and g by |E (r − r̄)(β_j − β̄_j)(β − β̄)·Δh| ≤ M² L (L M e), since what lies
    /// within ±M has a variance of at most M²: entries by Λ e, Λ = L² M⁴. With Adam's ε at 1 a step α m̂ / (√v̂ + 1) has a slope of
    /// at most 2α where gradients are below 1; it and Θ are rounded, by 4 u. So e ≤ T (2α δ + 4 u)(1 + 2α Λ)^T after T steps.
    /// </remarks>
    [Test]
    public void Whole_tails_train_as_one_process([Values(2, 4)] int ranks, [Values] TailSharing sharing)
    {
        const double Rate = 0.01;
        const int Steps = 10, L = SmallProblem.Dimension;
        TrainingOptions options = Options with { LearningRate = new LearningRate(Rate), Adam = new AdamOptions(Epsilon: 1) };
        double largest = 0;
        float[] one = Train(1), many = Train(ranks);
        double square = largest * largest, u = Close.SingleUnit;
        double rho = Close.Gamma(300) + (60 * u * (1 + (L * square)));
        double allowed = Steps * ((2 * Rate * 4 * rho * square) + (4 * u)) * Math.Pow(1 + (2 * Rate * L * L * square * square), Steps);
        double moved = 0, off = 0;
        for (int i = 0; i < one.Length; i++)
        {
            moved = Math.Max(moved, Math.Abs(one[i] - (i % (L + 1) == 0 ? 1 : 0)));
            off = Math.Max(off, Math.Abs(one[i] - many[i]));
        }

        Assert.That(off, Is.LessThanOrEqualTo(allowed));
        Assert.That(moved, Is.GreaterThan(10 * allowed), "Θ has moved by far more than that");

        float[] Train(int n) => ShardParts.OfEach(n, communicator =>
        {
            using SmallProblem whole = new(threads: 1);
            for (int item = 0; item < SmallProblem.Items; item++)
                TensorPrimitives.Multiply(whole.Factors.Row(item), 0.2f, whole.Factors.Row(item));
            if (communicator.Rank == 0)
                largest = ShardParts.Values(whole.Factors).Max(MathF.Abs);
            using SpreadCase own = new(communicator, whole, BatchSize);
            using ShardedStrataEstimator estimator = own.Estimator(new StrataOptions(16, SmallProblem.Items, sharing), BatchSize);
            using Trainer trainer = new(own.Train, estimator, options, own.Team);
            Assert.That(trainer.StepsPerEpoch, Is.EqualTo(Steps));
            trainer.Run();
            return ShardParts.Values(trainer.Theta);
        })[0];
    }

    /// <summary>Contexts as they are given, none summed: then the merged top N are those of one process, and all figures with them.</summary>
    [Test]
    public void An_evaluation_is_that_of_one_process([Values(1, 2, 3, 4)] int ranks, [Values] bool isDense)
    {
        using SmallProblem whole = new(threads: 1);
        using Matrix table = new(SmallProblem.Contexts, SmallProblem.Dimension), theta = Seeded.Matrix(4, SmallProblem.Dimension, SmallProblem.Dimension);
        for (int context = 0; context < SmallProblem.Contexts; context++)
            whole.Validation.Contexts.Fill(context, table, context);
        int[] popularity = [.. Enumerable.Range(0, SmallProblem.Items).Select(item => item % 17)];
        using PolicyEvaluator plain = new(whole.Validation, whole.Team);
        PolicyEvaluation expected = plain.Evaluate(theta, whole.Index, popularity);
        foreach (PolicyEvaluation made in ShardParts.OfEach(ranks, communicator =>
        {
            using SpreadCase own = new(communicator, whole, BatchSize);
            TrainingProblem problem = isDense ? own.Spread.Problem(new DenseContexts(table), whole.Validation.Rewards) : own.Validation;
            using PolicyEvaluator evaluator = new(problem, own.Team);
            return evaluator.Evaluate(theta, own.Index, popularity);
        }))
        {
            Assert.That(made.Reward, Is.EqualTo(expected.Reward));
            Assert.That(made.TopN, Is.EqualTo(expected.TopN));
        }
    }

    /// <summary>A training is known by the line that it has in one process, however many ranks there are.</summary>
    [Test]
    public void The_fingerprint_is_that_of_one_process([Values(1, 2, 3, 4)] int ranks, [Values] bool isDense)
    {
        using SmallProblem whole = new(threads: 1);
        // A sum over ranks would make it 0.
        whole.Factors.Row(7)[3] = -0f;
        using Matrix table = Seeded.Matrix(1, SmallProblem.Contexts, SmallProblem.Dimension);
        IRewardSource rewards = isDense ? new RewardFunction(SmallProblem.Contexts, (context, item) => context + (2 * item)) : whole.Train.Rewards;
        TrainingProblem plain = isDense ? new TrainingProblem(whole.Factors, new DenseContexts(table), rewards) : whole.Train;
        string expected = TrainingFingerprint.Of(plain, "strata", Options, "");
        foreach (string made in ShardParts.OfEach(ranks, communicator =>
        {
            using SpreadCase own = new(communicator, whole, BatchSize);
            TrainingProblem problem = isDense ? own.Spread.Problem(new DenseContexts(table), rewards) : own.Train;
            return TrainingFingerprint.Of(problem, "strata", Options, "");
        }))
            Assert.That(made, Is.EqualTo(expected));
    }

    /// <summary>A training that was stopped goes on where it was, on as many ranks.</summary>
    [Test]
    public void A_checkpoint_goes_on([Values(1, 3)] int ranks)
    {
        string folder = Directory.CreateTempSubdirectory("kernelpolicy-spread").FullName;
        try
        {
            float[] through = Train(2, "", null), half = Train(1, "half", null);
            Assert.That(half, Is.Not.EqualTo(through));
            Assert.That(Train(2, "", "half"), Is.EqualTo(through));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        float[] Train(int epochs, string save, string? resume) => ShardParts.OfEach(ranks, communicator =>
        {
            using SmallProblem whole = new(threads: 1);
            using SpreadCase own = new(communicator, whole, BatchSize);
            using ShardedStrataEstimator estimator = own.Estimator(new StrataOptions(16, 32), BatchSize);
            string Path(string name) => System.IO.Path.Combine(folder, $"{name}-{communicator.Rank}");
            using Trainer trainer = new(
                own.Train, estimator, Options with { Epochs = epochs, CheckpointPath = save.Length > 0 ? Path(save) : null }, own.Team);
            if (resume is not null)
                trainer.Resume(Path(resume));
            trainer.Run();
            return ShardParts.Values(trainer.Theta);
        })[0];
    }

    /// <summary>A step costs its join and the sums of its contexts, which the step before has begun: nothing is sent twice.</summary>
    [Test]
    public void Bytes_of_a_step([Values(1, 2, 3, 4)] int ranks)
    {
        const int Steps = 5;
        using SmallProblem whole = new(threads: 1);
        long[] bytes = ShardParts.OfEach(ranks, communicator =>
        {
            using SpreadCase own = new(communicator, whole, BatchSize);
            using ShardedStrataEstimator estimator = own.Estimator(new StrataOptions(16, 32), BatchSize);
            using Matrix theta = new(SmallProblem.Dimension, SmallProblem.Dimension);
            using TrainingStep step = new(own.Train, estimator, theta, BatchSize, new AdamOptions(), own.Team);
            step.SetOrder([.. Enumerable.Range(0, Steps * BatchSize)]);
            RankTraffic before = communicator.Traffic;
            for (int number = 0; number < Steps; number++)
                step.Run(number * BatchSize, BatchSize, number, 1e-3);
            return communicator.Traffic.Since(before).Bytes;
        });
        const int L = SmallProblem.Dimension;
        Assert.That(
            bytes.Sum(),
            Is.EqualTo(Steps * (RankReduction.TotalBytes(ranks, BatchSize, (2 * L) + 2) + RankReduction.TotalBytes(ranks, BatchSize, L))));
    }

    /// <summary>Steps and searches take no managed memory once they are warm.</summary>
    [Test]
    public void Steps_allocate_nothing([Values(1, 2, 3)] int ranks)
    {
        using SmallProblem whole = new(threads: 1);
        LocalRanks.Run(ranks, communicator =>
        {
            using SpreadCase own = new(communicator, whole, BatchSize);
            using ShardedStrataEstimator estimator = own.Estimator(new StrataOptions(16, 32), BatchSize);
            using Matrix theta = new(SmallProblem.Dimension, SmallProblem.Dimension);
            using TrainingStep step = new(own.Train, estimator, theta, BatchSize, new AdamOptions(), own.Team);
            using Matrix queries = Seeded.Matrix(1, 20, SmallProblem.Dimension);
            TopK found = new(20, 5);
            int[] contexts = [.. Enumerable.Range(3, BatchSize)], next = [.. Enumerable.Range(40, BatchSize)];
            long number = 0, least = long.MaxValue;
            // All ranks do as many: a reduction waits for all. Each works on its own thread alone.
            for (int trial = 0; trial < 60; trial++)
            {
                long before = GC.GetAllocatedBytesForCurrentThread();
                ((IBatchContextSource)own.Train.Contexts).Announce(contexts, own.Team);
                step.Run(contexts, number++, 1e-3);
                step.Run(next, number++, 1e-3);
                own.Index.Search(queries, 20, 5, found, own.Team);
                if (trial >= 30)
                    least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
            }

            Assert.That(least, Is.Zero);
        });
    }

    [Test]
    public void What_needs_the_whole_catalogue_says_so()
    {
        using SmallProblem whole = new(threads: 1);
        using ICommunicator solo = LocalRanks.Solo();
        using SpreadCase own = new(solo, whole, BatchSize);
        using ShardedStrataEstimator estimator = own.Estimator(new StrataOptions(16, 32), BatchSize);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(own.Spread.Items.HasValues, Is.False);
            Assert.That(
                () =>
                {
                    using Trainer trainer = new(own.Train, estimator, Options with { BiasAuditContexts = 4 }, own.Team);
                    trainer.Run();
                },
                Throws.InvalidOperationException.With.Message.Contains("β lies in shards"));
            Assert.That(() => own.Spread.Estimator(whole.Train, new StrataOptions(), 4, 1, own.OwnIndex), Throws.ArgumentException.With.Message.Contains("other items"));
            Assert.That(() => own.Spread.Estimator(own.Train, new StrataOptions(), 4, 1, whole.Index), Throws.ArgumentException);
            Assert.That(
                () => own.Spread.SessionCompletion(SparseRows.FromLists([[0]]), SparseRows.FromLists([[300]]), 4),
                Throws.ArgumentException.With.Message.Contains("item 300"));
            Assert.That(
                () => new SpreadItems(solo, new ItemShards(300, 2), own.OwnItems, own.Team), Throws.ArgumentException.With.Message.Contains("2 shards"));
        }
    }
}
