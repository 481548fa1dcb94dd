using System.Collections.Concurrent;
using KernelPolicy.Distributed;
using KernelPolicy.Kernels;
using KernelPolicy.Policy;
using KernelPolicy.Tests.Support;
using KernelPolicy.Tests.Training;
using NUnit.Framework;

namespace KernelPolicy.Tests.Distributed;

/// <summary>Contexts spread over ranks, which are threads here: the training is that of one rank with the same shares.</summary>
[TestFixture]
public sealed class SpreadContextsTests
{
    private const int Shares = 6;

    private static readonly TrainingOptions Options = new() { Epochs = 3, BatchSize = 4, LearningRate = new LearningRate(0.02), Seed = 3 };

    private string _folder = "";

    [SetUp]
    public void MakeFolder() => _folder = Directory.CreateTempSubdirectory("kernelpolicy-spread").FullName;

    [TearDown]
    public void RemoveFolder() => Directory.Delete(_folder, recursive: true);

    [Test]
    public void Ranks_train_as_one_rank_with_a_batch_that_many_times_as_large(
        [Values(2, 3, 4, 6)] int ranks, [Values(HeadTiming.SameStep, HeadTiming.StepBefore)] HeadTiming heads)
    {
        EstimatorOptions estimator = new StrataOptions(16, 32);
        float[] one = Thetas(1, estimator, Options, heads).Single();
        float[][] all = Thetas(ranks, estimator, Options, heads);
        foreach (float[] theta in all)
            Assert.That(theta, Is.EqualTo(all[0]), "Θ of all ranks, bit for bit");
        AssertClose(all[0], one);
    }

    [Test]
    public void Every_estimator_can_be_spread([ValueSource(nameof(Spreadable))] EstimatorOptions estimator)
    {
        // One step: some methods draw by sums of the policy, and a rounding of Θ may make of a draw another.
        float[] one = Run(1, Gradient).Single();
        foreach (float[] gradient in Run(3, Gradient))
        {
            // The mean of 24 contexts' gradients, added in another order: 24 roundings of the largest.
            Assert.That(gradient, Is.EqualTo(one).Within(24 * 6e-8 * one.Max(Math.Abs)));
        }

        float[] Gradient(ICommunicator communicator)
        {
            using SpreadProblem problem = new(communicator, Shares, estimator, Options, HeadTiming.SameStep);
            int[] order = [.. Enumerable.Range(0, Shares / communicator.Size).SelectMany(share => Enumerable.Range(share * 25, 4))];
            problem.Steps.SetOrder(order);
            problem.Steps.Run(0, order.Length, 0, 0);
            // m after the first step is a tenth of the gradient.
            return [.. Enumerable.Range(0, SmallProblem.Dimension).SelectMany(row => problem.Steps.FirstMoment.Row(row).ToArray())];
        }
    }

    [Test]
    public void One_share_on_one_rank_is_an_ordinary_training()
    {
        using SmallProblem problem = new();
        using IGradientEstimator estimator = problem.Estimator(new StrataOptions(16, 32), Options.BatchSize, Options.Seed);
        using Trainer trainer = new(problem.Train, estimator, Options, problem.Team, problem.Validation, problem.Index);
        trainer.Run();
        float[] theta = Thetas(1, new StrataOptions(16, 32), Options, HeadTiming.SameStep, shares: 1).Single();
        // The exchange multiplies the gradient by B and divides it again.
        AssertClose(theta, [.. Enumerable.Range(0, SmallProblem.Dimension).SelectMany(row => trainer.Theta.Row(row).ToArray())]);
    }

    [Test]
    public void The_same_ranks_give_the_same_theta_bit_for_bit_at_any_number_of_threads()
    {
        float[] first = Thetas(2, new StrataOptions(16, 32), Options, HeadTiming.StepBefore)[0];
        Assert.That(Thetas(2, new StrataOptions(16, 32), Options, HeadTiming.StepBefore, threads: 3)[0], Is.EqualTo(first));
    }

    [Test]
    public void A_training_goes_on_from_its_checkpoint_with_the_same_number_of_ranks_bit_for_bit_and_with_another_to_rounding(
        [Values(1, 2, 3)] int thereafter, [Values(HeadTiming.SameStep, HeadTiming.StepBefore)] HeadTiming heads, [Values(3, 7, 10)] int stopAt)
    {
        EstimatorOptions estimator = new StrataOptions(16, 32);
        float[] whole = Thetas(2, estimator, Options, heads)[0];
        TrainingOptions options = Options with { CheckpointPath = Path.Combine(_folder, "checkpoint") };
        LocalRanks.Run(2, communicator =>
        {
            using CancellationTokenSource stop = new();
            using SpreadProblem problem = new(
                communicator, Shares, estimator, options, heads, wrap: inner => communicator.Rank == 1 ? new StopsAfter(inner, stopAt, stop) : inner);
            // One rank alone is asked to stop; all do, before the same step.
            Assert.That(() => problem.Trainer.Run(null, stop.Token), Throws.InstanceOf<OperationCanceledException>());
            Assert.That(problem.Trainer.StepsDone, Is.InRange(stopAt, stopAt + 1));
        });
        float[][] resumed = Run(thereafter, communicator =>
        {
            using SpreadProblem problem = new(communicator, Shares, estimator, options, heads);
            problem.Trainer.Resume(options.CheckpointPath!);
            TrainingResult result = problem.Trainer.Run();
            Assert.That(result.Epochs.Select(epoch => epoch.Epoch), Is.EqualTo(new[] { 1, 2, 3 }));
            return problem.Theta;
        });
        if (thereafter == 2)
            Assert.That(resumed[0], Is.EqualTo(whole));
        else
            AssertClose(resumed[0], whole);
    }

    [Test]
    public void A_training_by_itself_goes_on_spread_over_ranks_and_the_other_way_round([Values] bool isSpreadFirst)
    {
        TrainingOptions options = Options with { CheckpointPath = Path.Combine(_folder, "checkpoint"), Epochs = 2 };
        int[] ranks = isSpreadFirst ? [4, 1] : [1, 4];
        int[] shares = isSpreadFirst ? [6, 1] : [1, 6];
        HeadTiming[] heads = isSpreadFirst ? [HeadTiming.StepBefore, HeadTiming.SameStep] : [HeadTiming.SameStep, HeadTiming.StepBefore];
        double before = Run(ranks[0], communicator => Train(communicator, 0).Epochs[^1].ValidationReward)[0];
        options = options with { Epochs = 20 };
        TrainingResult[] results = Run(ranks[1], communicator => Train(communicator, 1));
        foreach (TrainingResult result in results)
        {
            Assert.That(result.Epochs.Select(epoch => epoch.Epoch), Is.EqualTo(Enumerable.Range(1, 20)));
            Assert.That(result.Epochs[1].ValidationReward, Is.EqualTo(before), "the epochs before are kept");
            Assert.That(result.Epochs[^1].ValidationReward, Is.GreaterThan(0.2), "it has learnt");
        }

        TrainingResult Train(ICommunicator communicator, int part)
        {
            using SpreadProblem problem = new(communicator, shares[part], new StrataOptions(16, 32), options, heads[part]);
            if (part == 1)
                problem.Trainer.Resume(options.CheckpointPath!);
            return problem.Trainer.Run();
        }
    }

    [Test]
    public void Shares_of_which_the_last_are_shorter_train_on_all_ranks([Values(2, 3, 4)] int ranks)
    {
        // 150 contexts in 4 shares of 38, 38, 37, 37: fewer than a fingerprint samples.
        float[][] thetas = Thetas(ranks, new StrataOptions(16, 32), Options with { Epochs = 1 }, HeadTiming.StepBefore, shares: 4);
        Assert.That(thetas, Is.All.EqualTo(thetas[0]));
    }

    [Test]
    public void A_trainer_that_was_stopped_goes_on_when_it_is_run_again() => LocalRanks.Run(2, communicator =>
    {
        using CancellationTokenSource stop = new();
        using SpreadProblem problem = new(
            communicator, Shares, new StrataOptions(16, 32), Options, HeadTiming.StepBefore,
            wrap: inner => communicator.Rank == 1 ? new StopsAfter(inner, 5, stop) : inner);
        Assert.That(() => problem.Trainer.Run(null, stop.Token), Throws.InstanceOf<OperationCanceledException>());
        Assert.That(problem.Trainer.Run().Epochs, Has.Count.EqualTo(Options.Epochs));
    });

    [Test]
    public void The_gradient_of_other_contexts_with_the_same_number_of_a_step_is_theirs()
    {
        using ICommunicator communicator = LocalRanks.Solo();
        using SpreadProblem problem = new(communicator, 1, new ExactOptions(), Options, HeadTiming.SameStep);
        using SpreadProblem stale = new(communicator, 1, new StrataOptions(300, 32), Options, HeadTiming.StepBefore);
        foreach (int[] contexts in (int[][])[[0, 1, 2], [7, 8, 9]])
        {
            float[] expected = problem.Steps.Gradient(contexts, 0).Row(0).ToArray();
            // K is the whole catalogue: both are exact, and differ by the order of 300 terms.
            Assert.That(stale.Steps.Gradient(contexts, 0).Row(0).ToArray(), Is.EqualTo(expected).Within(300 * 6e-8 * expected.Max(Math.Abs) + 1e-7));
        }
    }

    [Test]
    public void Nothing_is_allocated_in_a_step()
    {
        using ICommunicator communicator = LocalRanks.Solo();
        using SpreadProblem problem = new(communicator, Shares, new StrataOptions(16, 32), Options, HeadTiming.StepBefore);
        problem.Steps.SetOrder([.. Enumerable.Range(0, 48)]);
        long step = 0;
        Allocations.AssertNone(() =>
        {
            problem.Steps.Run(0, 24, step, 0.001);
            problem.Steps.Run(24, 24, step + 1, 0.001);
            step += 2;
        });
    }

    [Test]
    public void Validation_and_statistics_are_those_of_all_ranks()
    {
        TrainingResult one = Run(1, Result).Single();
        foreach (TrainingResult result in Run(3, Result))
        {
            Assert.That(result.InitialValidationReward, Is.EqualTo(one.InitialValidationReward).Within(1e-12));
            foreach ((EpochResult epoch, EpochResult expected) in result.Epochs.Zip(one.Epochs))
            {
                Assert.That(epoch.TrainingReward, Is.EqualTo(expected.TrainingReward).Within(1e-5));
                Assert.That(epoch.Strata!.Value.Contexts, Is.EqualTo(SmallProblem.Contexts));
                Assert.That(epoch.Strata.Value.TailDraws, Is.EqualTo(expected.Strata!.Value.TailDraws));
                Assert.That(epoch.Strata.Value.GradientError, Is.EqualTo(expected.Strata.Value.GradientError).Within(1e-4));
            }
        }

        TrainingResult Result(ICommunicator communicator)
        {
            using SpreadProblem problem = new(communicator, Shares, new StrataOptions(16, 32), Options, HeadTiming.SameStep);
            return problem.Trainer.Run();
        }
    }

    [Test]
    public void Bytes_of_a_step_are_counted_as_the_formula_has_them([Values(1, 2, 4, 6)] int ranks)
    {
        long steps = 0;
        ConcurrentBag<long> sent = [];
        LocalRanks.Run(ranks, communicator =>
        {
            using SpreadProblem problem = new(communicator, Shares, new StrataOptions(16, 32), Options, HeadTiming.StepBefore);
            RankTraffic before = communicator.Traffic;
            problem.Steps.SetOrder([0, 1, 2, 3]);
            for (int step = 0; step < 5; step++)
                problem.Steps.Run(0, 4, step, 0.01);
            sent.Add(communicator.Traffic.Since(before).Bytes);
            steps = 5;
        });
        Assert.That(sent.Sum(), Is.EqualTo(steps * SpreadGradient.TotalBytes(ranks, SmallProblem.Dimension)));
    }

    [Test]
    public void A_gradient_that_is_not_finite_on_one_rank_ends_the_training_on_all()
    {
        ConcurrentBag<TrainingDivergedException> ends = [];
        LocalRanks.Run(3, communicator =>
        {
            using RankGroup group = new(communicator);
            using SpreadGradient exchange = new(communicator, group, SmallProblem.Dimension);
            using SmallProblem whole = new(1);
            TrainingProblem train = SpreadProblem.Part(whole.Train, 3, communicator);
            using IGradientEstimator estimator = GradientEstimators.Create(
                new StrataOptions(16, 32), new EstimatorSetting(whole.Factors, train.Rewards, 4, 1, whole.Team), whole.Index);
            using IGradientEstimator spoilt = new NotFiniteAt(estimator, communicator.Rank == 1 ? 4 : -1);
            using TrainingStep steps = new(
                train, spoilt, new Matrix(SmallProblem.Dimension, SmallProblem.Dimension), 4, new AdamOptions(), whole.Team, exchange: exchange);
            using Trainer trainer = new(train, steps, Options, whole.Team, group: group);
            ends.Add(Assert.Throws<TrainingDivergedException>(() => trainer.Run())!);
        });
        Assert.That(ends.Select(end => end.Message).Distinct().Count(), Is.EqualTo(1));
    }

    private static IEnumerable<EstimatorOptions> Spreadable() =>
        SmallProblem.Estimators.Where(options => options is not StrataOptions { Reuse: not HeadReuse.None } and not StrataOptions { RelativeError: not null });

    private static float[][] Thetas(
        int ranks, EstimatorOptions estimator, TrainingOptions options, HeadTiming heads, int shares = Shares, int threads = 1) =>
        Run(ranks, communicator =>
        {
            using SpreadProblem problem = new(communicator, shares, estimator, options, heads, threads);
            problem.Trainer.Run();
            return problem.Theta;
        });

    private static T[] Run<T>(int ranks, Func<ICommunicator, T> work)
    {
        T[] results = new T[ranks];
        LocalRanks.Run(ranks, communicator => results[communicator.Rank] = work(communicator));
        return results;
    }

    // Sums of a batch's 24 terms in another order differ by at most 24 roundings, of 6e-8 each. Adam divides by √v, which makes of them a
    // relative change of its step of the same size, and of a sign where the gradient is smaller than that: a step is at most 0.02, and there
    // are 21. Entries of Θ are about 1: 21 · 0.02 · 24 · 6e-8 = 6e-7, where no entry of the gradient vanishes; a hundred times as much
    // allows for those that nearly do.
    private static void AssertClose(float[] actual, float[] expected) => Assert.That(actual, Is.EqualTo(expected).Within(6e-5));

    /// <summary>Asks for a stop once some gradients have been exchanged.</summary>
    private sealed class StopsAfter(IGradientExchange inner, int steps, CancellationTokenSource stop) : IGradientExchange
    {
        private int _done;

        public void Begin(Matrix gradient, int contexts, BatchStatistics statistics) => inner.Begin(gradient, contexts, statistics);

        public void Advance() => inner.Advance();

        public BatchStatistics Finish(Matrix gradient)
        {
            BatchStatistics statistics = inner.Finish(gradient);
            if (++_done == steps)
                stop.Cancel();
            return statistics;
        }
    }
}
