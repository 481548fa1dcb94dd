using KernelPolicy.Distributed;
using KernelPolicy.Index;
using KernelPolicy.Kernels;
using KernelPolicy.Policy;
using KernelPolicy.Tests.Estimators;
using KernelPolicy.Tests.Reference;
using KernelPolicy.Tests.Support;
using NUnit.Framework;

namespace KernelPolicy.Tests.Distributed;

/// <summary>Strata over shards against sums in double precision, for the heads and draws that each shard makes.</summary>
[TestFixture]
public sealed class ShardedEstimatorTests
{
    private const ulong Seed = 0x0123456789ABCDEF;
    private const long Step = (5L << 32) + 77;
    private const int Contexts = 9;
    private const int Catalogue = 203;

    private static readonly int[] Batch = [8, 2, 7, 0, 3];

    [Test]
    public void Gradient_is_that_of_the_shards_heads_and_draws(
        [Values(2, 3, 4)] int ranks, [Values] RewardKind reward, [Values] TailSharing sharing, [Values(0, 20)] int topK)
    {
        using EstimatorCase problem = EstimatorCase.Normal(Catalogue, 7, Contexts);
        StrataOptions options = new(topK, 50, sharing, Control: false);
        (float[][] G, BatchStatistics Statistics)[] made = ShardParts.OfEach(ranks, communicator => Estimate(communicator, problem, options, reward));
        for (int rank = 1; rank < ranks; rank++)
        {
            Assert.That(made[rank].G, Is.EqualTo(made[0].G), $"g of rank {rank}");
            Assert.That(made[rank].Statistics.MeanReward, Is.EqualTo(made[0].Statistics.MeanReward));
        }

        double mean = 0, slack = 0;
        for (int position = 0; position < Batch.Length; position++)
        {
            ShardSums sums = new(problem, Batch[position], reward, options, ranks);
            // As StrataJoinTests allows it against the reference.
            double rho = 24 * (StrataAgreement.Rho(problem, Batch[position], Catalogue)
                + (2 * Close.SingleUnit * (Math.Abs(sums.LogPartition) + 5)) + Close.Gamma(ranks + 4));
            Close.Within(made[0].G[position], sums.Gradient, [.. sums.Magnitude.Select(size => rho * size)], $"g of context {Batch[position]}");
            mean += sums.Reward / Batch.Length;
            slack = Math.Max(slack, 3 * rho * sums.LargestReward);
        }

        Assert.That(made[0].Statistics.MeanReward, Is.EqualTo(mean).Within(slack), "E_π[r]");
    }

    [Test]
    public void A_rank_alone_makes_the_estimates_of_one_process([Values] RewardKind reward, [Values] TailSharing sharing, [Values] bool control)
    {
        using EstimatorCase problem = EstimatorCase.Normal(Catalogue, 7, Contexts);
        StrataOptions options = new(20, 50, sharing, control);
        using IGradientEstimator plain = problem.Estimator(options, problem.Rewards(reward), Seed);
        float[][] expected = problem.Estimate(plain, Batch, Step);
        using ICommunicator solo = LocalRanks.Solo();
        (float[][] g, BatchStatistics statistics) = Estimate(solo, problem, options, reward);
        Assert.That(g, Is.EqualTo(expected));
        Assert.That(statistics.Strata, Is.EqualTo(plain.Statistics.Strata));
        // Rewards go through the table of parts in single precision.
        Assert.That(statistics.MeanReward, Is.EqualTo(plain.Statistics.MeanReward).Within(2 * Close.SingleUnit * 2));
    }

    [Test]
    public void Whole_tails_are_exact([Values(1, 2, 3, 4)] int ranks, [Values] RewardKind reward, [Values] TailSharing sharing, [Values] bool control)
    {
        using EstimatorCase problem = EstimatorCase.Normal(Catalogue, 7, Contexts);
        float[][] g = ShardParts.OfEach(
            ranks, communicator => Estimate(communicator, problem, new StrataOptions(20, Catalogue, sharing, control), reward).G)[0];
        int[] all = [.. Enumerable.Range(0, Catalogue)];
        for (int position = 0; position < Batch.Length; position++)
        {
            int c = Batch[position];
            double[] pi = Softmax.Weights(problem.Scores[c]), r = problem.RewardsOf(reward, c);
            // As of one process, and the parts' own roundings (StrataJoinTests).
            double rho = (2 * StrataAgreement.Rho(problem, c, Catalogue))
                + (4 * Close.SingleUnit * (Math.Abs(Softmax.LogSumExp(problem.Scores[c])) + 5)) + (2 * Close.Gamma(ranks + 4));
            Close.Within(
                g[position], Estimates.Exact(problem.Scores[c], r, problem.Beta), ErrorBound.Covariance(all, pi, r, problem.Beta, rho),
                $"g of context {c}");
        }
    }

    /// <summary>
    /// The mean of many estimates is the exact gradient. The bias of a ratio is about its relative variance ε² of the size of its terms,
    /// ε being the error of Ẑ: that is the allowance, and small beside the standard error.
    /// </summary>
    [Test]
    public void Unbiased([Values(2, 3)] int ranks, [Values] bool control)
    {
        const int Repetitions = 600, Context = 4;
        using EstimatorCase problem = EstimatorCase.Normal(1200, 7, Contexts);
        StrataOptions options = new(30, 240, TailSharing.Batch, control);
        double[] sum = new double[7], squares = new double[7];
        double error = 0;
        LocalRanks.Run(ranks, communicator =>
        {
            using ShardedStrataEstimator estimator = Make(communicator, problem, options, RewardKind.Dense, out IDisposable parts);
            using (parts)
            {
                for (int step = 0; step < Repetitions; step++)
                {
                    float[] g = problem.Estimate(estimator, [Context], step)[0];
                    if (communicator.Rank != 0)
                        continue;
                    for (int l = 0; l < g.Length; l++)
                    {
                        sum[l] += g[l];
                        squares[l] += (double)g[l] * g[l];
                    }

                    error += estimator.Statistics.Strata.PartitionVariance / Repetitions;
                }
            }
        });
        double[] r = problem.RewardsOf(RewardKind.Dense, Context), pi = Softmax.Weights(problem.Scores[Context]);
        double[] exact = Estimates.Exact(problem.Scores[Context], r, problem.Beta);
        for (int l = 0; l < exact.Length; l++)
        {
            double mean = sum[l] / Repetitions;
            double standard = Math.Sqrt(((squares[l] / Repetitions) - (mean * mean)) / (Repetitions - 1));
            double size = pi.Select((p, a) => p * 2 * Math.Abs(problem.Beta[a, l])).Sum();
            Statistic.AssertMean(mean, standard, exact[l], 2 * error * size, $"g[{l}]");
            Assert.That(standard, Is.GreaterThan(0));
        }
    }

    [Test]
    public void Shards_draw_by_seeds_of_their_own_and_share_head_and_tail()
    {
        StrataOptions options = new(64, 130);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(ShardedStrataEstimator.OfShard(options, 1), Is.EqualTo(options));
            Assert.That(ShardedStrataEstimator.OfShard(options, 4), Is.EqualTo(options with { TopK = 28, Tail = 33 }));
            Assert.That(ShardedStrataEstimator.OfShard(new StrataOptions(3, 1), 4), Is.EqualTo(new StrataOptions(3, 1)));
            Assert.That(ShardedStrataEstimator.OfShard(new StrataOptions(0, 10), 4).TopK, Is.Zero);
            Assert.That(ShardedStrataEstimator.SeedOf(5, 0), Is.EqualTo(5));
            Assert.That(Enumerable.Range(0, 100).Select(rank => ShardedStrataEstimator.SeedOf(5, rank)), Is.Unique);
        }
    }

    /// <summary>One reduction [B, 2 L + 2] a batch, whatever its contexts are.</summary>
    [Test]
    public void Bytes_of_a_batch([Values(1, 2, 3, 4)] int ranks)
    {
        using EstimatorCase problem = EstimatorCase.Normal(Catalogue, 33, 150);
        RankTraffic[] traffic = ShardParts.OfEach(ranks, communicator =>
        {
            using ShardedStrataEstimator estimator = Make(communicator, problem, new StrataOptions(20, 50), RewardKind.Sparse, out IDisposable parts);
            using (parts)
            {
                RankTraffic before = communicator.Traffic;
                problem.Estimate(estimator, Batch, 1);
                Assert.That(communicator.Traffic.Since(before), Is.EqualTo(estimator.Cost));
                return communicator.Traffic.Since(before);
            }
        });
        Assert.That(traffic.Sum(cost => cost.Bytes), Is.EqualTo(RankReduction.TotalBytes(ranks, 150, (2 * 33) + 2)));
    }

    [Test]
    public void What_shards_cannot_do_is_refused()
    {
        using EstimatorCase problem = EstimatorCase.Normal(50, 7, Contexts);
        using ICommunicator solo = LocalRanks.Solo();
        EstimatorSetting setting = new(problem.Items, problem.Rewards(RewardKind.Sparse), 4, 1, problem.Team);
        StrataOptions options = new(4, 8);
        using Matrix parts = new(4, 16), narrow = new(4, 15);
        using (Assert.EnterMultipleScope())
        {
            Refused(setting with { Objective = TrainingObjective.LogLikelihood }, options, "expected reward");
            Refused(setting with { Objective = new TrainingObjective { KlWeight = 1 } }, options, "expected reward");
            Refused(setting with { Coefficients = new CoefficientTable(4) }, options with { Control = false }, "stay as they are");
            Refused(setting with { Parts = parts }, options, "the estimator's own");
            Refused(setting, options with { RelativeError = 0.1 }, "budget");
            Refused(setting, options with { Reuse = HeadReuse.Union }, "not kept");
            Refused(setting, options with { TopK = -1 }, "K must lie");
            Assert.That(() => new ShardedStrataEstimator(solo, setting, options), Throws.ArgumentException.With.Message.Contains("needs an index"));
            Assert.That(
                () => GradientEstimators.Create(new UniformOptions(8), setting with { Parts = parts }), Throws.ArgumentException.With.Message.Contains("Only strata"));
            Assert.That(
                () => GradientEstimators.Create(new StrataOptions(0), setting with { Parts = narrow }), Throws.ArgumentException.With.Message.Contains("16"));
        }

        void Refused(EstimatorSetting wrong, StrataOptions asked, string words) => Assert.That(
            () => new ShardedStrataEstimator(solo, wrong, asked, problem.Index), Throws.InstanceOf<ArgumentException>().With.Message.Contains(words));
    }

    private static (float[][] G, BatchStatistics Statistics) Estimate(
        ICommunicator communicator, EstimatorCase problem, StrataOptions options, RewardKind reward)
    {
        using ShardedStrataEstimator estimator = Make(communicator, problem, options, reward, out IDisposable parts);
        using (parts)
            return (problem.Estimate(estimator, Batch, Step), estimator.Statistics);
    }

    private static ShardedStrataEstimator Make(
        ICommunicator communicator, EstimatorCase problem, StrataOptions options, RewardKind reward, out IDisposable parts)
    {
        ItemShard shard = new ItemShards(problem.Catalogue, communicator.Size)[communicator.Rank];
        Matrix own = ShardParts.Rows(problem.Items, shard);
        WorkerTeam team = new(1);
        ExactIndex index = new(own);
        parts = new Disposables(index, team, own);
        return new ShardedStrataEstimator(
            communicator, new EstimatorSetting(own, new ShardRewards(problem.Rewards(reward), shard), problem.Contexts, Seed, team), options, index);
    }

    private sealed class Disposables(params IDisposable[] all) : IDisposable
    {
        public void Dispose() => Array.ForEach(all, one => one.Dispose());
    }

    /// <summary>The strata of a context over shards, in double precision.</summary>
    private sealed class ShardSums
    {
        public ShardSums(EstimatorCase problem, int context, RewardKind reward, StrataOptions options, int ranks)
        {
            double[] f = problem.Scores[context], r = problem.RewardsOf(reward, context);
            ItemShards shards = new(problem.Catalogue, ranks);
            StrataOptions own = ShardedStrataEstimator.OfShard(options, ranks);
            double max = f.Max(), size = 0, rewarded = 0, rewardedSize = 0;
            double[] v = new double[problem.Dimension], a = new double[v.Length], sizeOfV = new double[v.Length], sizeOfA = new double[v.Length];
            for (int rank = 0; rank < ranks; rank++)
            {
                ItemShard shard = shards[rank];
                int[] items = [.. Enumerable.Range(shard.First, shard.Count)];
                int[] head = [.. items.OrderByDescending(item => f[item]).ThenBy(item => item).Take(own.TopK)
                    .Union(items.Where(item => reward == RewardKind.Sparse && r[item] != 0))];
                int[] drawn = new int[own.Tail];
                ulong seed = ShardedStrataEstimator.SeedOf(Seed, rank);
                UniformProposal.Draw(
                    options.Sharing == TailSharing.Batch
                        ? new RandomDraws(seed, RandomPurpose.SharedTail, Step, 0)
                        : new RandomDraws(seed, RandomPurpose.Proposal, Step, context),
                    shard.Count, drawn);
                int[] tail = [.. drawn.Select(item => item + shard.First).Where(item => !head.Contains(item))];
                Assert.That(tail, Is.Not.Empty, "a tail that needs no rescue");
                double scale = (double)(shard.Count - head.Length) / tail.Length;
                foreach ((int item, double weight) in head.Select(item => (item, 1.0)).Concat(tail.Select(item => (item, scale))))
                {
                    double e = weight * Math.Exp(f[item] - max);
                    size += e;
                    rewarded += e * r[item];
                    rewardedSize += e * Math.Abs(r[item]);
                    for (int l = 0; l < v.Length; l++)
                    {
                        v[l] += e * problem.Beta[item, l];
                        a[l] += e * r[item] * problem.Beta[item, l];
                        sizeOfV[l] += e * Math.Abs(problem.Beta[item, l]);
                        sizeOfA[l] += e * Math.Abs(r[item] * problem.Beta[item, l]);
                    }
                }
            }

            LogPartition = max + Math.Log(size);
            Reward = rewarded / size;
            LargestReward = r.Max(Math.Abs);
            Gradient = [.. a.Select((value, l) => (value - (Reward * v[l])) / size)];
            Magnitude = [.. a.Select((_, l) => (sizeOfA[l] + ((4 * Math.Abs(Reward)) + (rewardedSize / size)) * sizeOfV[l]) / size)];
        }

        public double LogPartition { get; }

        public double Reward { get; }

        public double LargestReward { get; }

        public double[] Gradient { get; }

        public double[] Magnitude { get; }
    }
}
