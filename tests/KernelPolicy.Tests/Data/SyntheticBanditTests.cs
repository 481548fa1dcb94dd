using KernelPolicy.Data;
using KernelPolicy.Tests.Support;
using NUnit.Framework;

namespace KernelPolicy.Tests.Data;

/// <summary>The truth that tests of off-policy evaluation stand on: by brute force, and by what is drawn.</summary>
[TestFixture]
public sealed class SyntheticBanditTests
{
    private static readonly SyntheticBanditOptions Small = new() { Items = 12, Contexts = 30, Dimension = 4, Seed = 5 };

    // Sums of at most 12 + 4 terms and three exponentials in double precision: some 50 roundings of 1.1e-16.
    private const double Rounding = 1e-14;

    [TestCase(0.1, 1.0, 0.5)]
    [TestCase(0.0, 0.05, 1.0)]
    [TestCase(1.0, 1.0, -1.0)]
    public void Propensities_and_rewards_are_what_the_formulas_say(double floor, double temperature, double correlation)
    {
        SyntheticBanditOptions options = Small with { UniformFloor = floor, Temperature = temperature, LoggingCorrelation = correlation };
        using SyntheticBandit bandit = SyntheticBandit.Create(options);
        double[] logging = new double[12];
        double[] rewards = new double[12];
        for (int context = 0; context < 30; context++)
        {
            bandit.LoggingProbabilities(context, logging);
            bandit.RewardProbabilities(context, rewards);
            for (int item = 0; item < 12; item++)
            {
                double reward = 1 / (1 + Math.Exp(2 - (2 * Score(bandit, context, item))));
                Assert.That(rewards[item], Is.EqualTo(reward).Within(Rounding));
                Assert.That(logging[item], Is.GreaterThanOrEqualTo(floor / 12));
                if (Math.Abs(correlation) == 1)
                    Assert.That(logging[item], Is.EqualTo(Logging(bandit, options, context, item)).Within(Rounding));
            }

            Assert.That(logging.Sum(), Is.EqualTo(1).Within(Rounding));
        }
    }

    [Test]
    public void Values_are_sums_over_all_contexts_and_items()
    {
        using SyntheticBandit bandit = SyntheticBandit.Create(Small);
        double even = 0;
        double best = 0;
        double logged = 0;
        double[] logging = new double[12];
        for (int context = 0; context < 30; context++)
        {
            double[] rewards = [.. Enumerable.Range(0, 12).Select(item => bandit.RewardProbability(context, item))];
            bandit.LoggingProbabilities(context, logging);
            even += rewards.Average() / 30;
            best += rewards.Max() / 30;
            logged += rewards.Zip(logging, (r, p) => r * p).Sum() / 30;
            Assert.That(bandit.BestItem(context), Is.EqualTo(Array.IndexOf(rewards, rewards.Max())));
        }

        Assert.Multiple(() =>
        {
            Assert.That(bandit.Value((_, p) => p.Fill(1.0 / 12)), Is.EqualTo(even).Within(Rounding));
            Assert.That(bandit.BestValue(), Is.EqualTo(best).Within(Rounding));
            Assert.That(bandit.LoggingValue(), Is.EqualTo(logged).Within(Rounding));
            Assert.That(bandit.BestValue(), Is.GreaterThan(bandit.LoggingValue()));
            Assert.That(bandit.LoggingValue(), Is.GreaterThan(even), "the logging policy knows something");
            Assert.That(bandit.Value((context, p) => Only(p, bandit.BestItem(context))), Is.EqualTo(best).Within(Rounding));
        });
    }

    [Test]
    public void Draws_follow_the_truth()
    {
        const int Decisions = 200_000;
        using SyntheticBandit bandit = SyntheticBandit.Create(Small);
        (BanditLog log, int[] contexts) = bandit.Draw(Decisions, 9);
        using (log)
        {
            int[] met = new int[30];
            int[] pairs = new int[30 * 12];
            double[] expected = new double[30 * 12];
            double[] logging = new double[12];
            for (int i = 0; i < Decisions; i++)
            {
                met[contexts[i]]++;
                pairs[(contexts[i] * 12) + log.Actions[i]]++;
            }

            double rewards = 0;
            double variance = 0;
            for (int i = 0; i < Decisions; i++)
            {
                double p = bandit.RewardProbability(contexts[i], log.Actions[i]);
                rewards += log.Rewards[i] - p;
                variance += p * (1 - p);
            }

            for (int context = 0; context < 30; context++)
            {
                bandit.LoggingProbabilities(context, logging);
                for (int item = 0; item < 12; item++)
                    expected[(context * 12) + item] = met[context] * logging[item];
            }

            double[] evenly = new double[30];
            Array.Fill(evenly, Decisions / 30.0);
            Statistic.AssertChiSquare(met, evenly, "contexts");
            Statistic.AssertChiSquare(pairs, expected, "actions given contexts");
            Statistic.AssertMean(rewards / Decisions, Math.Sqrt(variance) / Decisions, 0, 0, "rewards given actions");
        }
    }

    /// <summary>IPS is unbiased with exact propensities: its mean over independent logs is the policy's true value within
    /// 4.5 standard errors, for a policy that the logging policy is not like.</summary>
    [Test]
    public void Importance_weights_from_the_log_recover_a_policys_value()
    {
        using SyntheticBandit bandit = SyntheticBandit.Create(Small with { RewardOffset = -1 });
        (BanditLog log, int[] contexts) = bandit.Draw(100_000, 10);
        using (log)
        {
            double[] target = new double[12];
            double sum = 0;
            double squares = 0;
            for (int i = 0; i < log.Count; i++)
            {
                Target(bandit, contexts[i], target);
                double term = target[log.Actions[i]] / log.Propensities[i] * log.Rewards[i];
                sum += term;
                squares += term * term;
            }

            double mean = sum / log.Count;
            double error = Math.Sqrt(((squares / log.Count) - (mean * mean)) / log.Count);
            Statistic.AssertMean(mean, error, bandit.Value((context, p) => Target(bandit, context, p)), 0, "IPS");
        }
    }

    [Test]
    public void The_log_holds_the_contexts_and_propensities_of_its_decisions()
    {
        using SyntheticBandit bandit = SyntheticBandit.Create(Small);
        (BanditLog log, int[] contexts) = bandit.Draw(1000, 3);
        using (log)
        {
            double[] logging = new double[12];
            for (int i = 0; i < 1000; i++)
            {
                bandit.LoggingProbabilities(contexts[i], logging);
                Assert.That(log.Propensities[i], Is.EqualTo(logging[log.Actions[i]]));
                Assert.That(log.Features!.Row(i).SequenceEqual(bandit.Contexts.Row(contexts[i])), Is.True);
            }

            Assert.That(log.Report.Rewarded, Is.EqualTo(log.Rewards.ToArray().Sum()));
            Assert.That(log.ItemIds, Is.EqualTo(Enumerable.Range(0, 12).Select(i => $"{i}")));
        }
    }

    [Test]
    public void The_same_seeds_give_the_same_and_a_longer_log_starts_alike()
    {
        using SyntheticBandit one = SyntheticBandit.Create(Small);
        using SyntheticBandit two = SyntheticBandit.Create(Small);
        using SyntheticBandit other = SyntheticBandit.Create(Small with { Seed = 6 });
        using BanditLog shorter = one.Draw(300, 4).Log;
        using BanditLog longer = two.Draw(900, 4).Log;
        using BanditLog otherLog = one.Draw(300, 5).Log;
        Assert.Multiple(() =>
        {
            Assert.That(BanditText.Lines(longer)[..300], Is.EqualTo(BanditText.Lines(shorter)));
            Assert.That(BanditText.Lines(otherLog), Is.Not.EqualTo(BanditText.Lines(shorter)));
            Assert.That(other.Items.Row(0).SequenceEqual(one.Items.Row(0)), Is.False);
        });
    }

    [Test]
    public void Sparse_rewards_are_sparse()
    {
        using SyntheticBandit bandit = SyntheticBandit.Create(Small with { RewardOffset = -8 });
        Assert.That(bandit.LoggingValue(), Is.InRange(1e-5, 0.05));
    }

    [Test]
    public void Policies_and_options_out_of_range()
    {
        using SyntheticBandit bandit = SyntheticBandit.Create(Small);
        Assert.Multiple(() =>
        {
            Assert.That(() => bandit.Value((_, p) => p.Fill(0.5)), Throws.ArgumentException.With.Message.Contains("sum to 6"));
            Assert.That(() => bandit.Value((_, p) => p.Fill(double.NaN)), Throws.ArgumentException.With.Message.Contains("NaN"));
            Assert.That(() => bandit.Draw(0, 1), Throws.InstanceOf<ArgumentOutOfRangeException>());
            Assert.That(() => bandit.RewardProbability(30, 0), Throws.InstanceOf<ArgumentOutOfRangeException>());
            Assert.That(() => bandit.LoggingProbabilities(0, new double[3]), Throws.ArgumentException.With.Message.Contains("12 items"));
            foreach (SyntheticBanditOptions options in new[]
            {
                Small with { Items = 1 }, Small with { Contexts = 0 }, Small with { Dimension = 0 }, Small with { Temperature = 0 },
                Small with { UniformFloor = 1.1 }, Small with { LoggingCorrelation = double.NaN }, Small with { RewardScale = -1 },
            })
            {
                Assert.That(() => SyntheticBandit.Create(options), Throws.InstanceOf<ArgumentOutOfRangeException>());
            }
        });
    }

    /// <summary>A policy that prefers items against their scores, far from the logging policy.</summary>
    private static void Target(SyntheticBandit bandit, int context, Span<double> probabilities)
    {
        for (int item = 0; item < probabilities.Length; item++)
            probabilities[item] = Math.Exp(-0.5 * Score(bandit, context, item));
        double sum = 0;
        foreach (double p in probabilities)
            sum += p;
        foreach (ref double p in probabilities)
            p /= sum;
    }

    private static double Logging(SyntheticBandit bandit, SyntheticBanditOptions options, int context, int item)
    {
        double[] weights =
        [
            .. Enumerable.Range(0, 12).Select(a => Math.Exp(options.LoggingCorrelation * Score(bandit, context, a) / options.Temperature)),
        ];
        return (options.UniformFloor / 12) + ((1 - options.UniformFloor) * weights[item] / weights.Sum());
    }

    private static double Score(SyntheticBandit bandit, int context, int item)
    {
        double score = 0;
        for (int j = 0; j < bandit.Items.Columns; j++)
            score += (double)bandit.Contexts.Row(context)[j] * bandit.Items.Row(item)[j];
        return score;
    }

    private static void Only(Span<double> probabilities, int item)
    {
        probabilities.Clear();
        probabilities[item] = 1;
    }
}
