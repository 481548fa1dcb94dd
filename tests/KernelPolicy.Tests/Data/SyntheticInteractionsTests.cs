using KernelPolicy.Data;
using KernelPolicy.Kernels;
using NUnit.Framework;

namespace KernelPolicy.Tests.Data;

[TestFixture]
public sealed class SyntheticInteractionsTests
{
    private static readonly SyntheticOptions Small = new() { Items = 2000, Users = 3000, Clusters = 20, Seed = 5 };

    [Test]
    public void Ids_sizes_and_repeatability()
    {
        (Interactions first, SyntheticTruth truth) = SyntheticInteractions.Generate(Small);
        Interactions again = SyntheticInteractions.Generate(Small).Interactions;
        Interactions other = SyntheticInteractions.Generate(Small with { Seed = 6 }).Interactions;
        Assert.Multiple(() =>
        {
            Assert.That(first.ItemIds[17], Is.EqualTo("item-0017"));
            Assert.That(first.UserIds[42], Is.EqualTo("user-0042"));
            Assert.That((truth.Items, truth.Users), Is.EqualTo((2000, 3000)));
            Assert.That(first.ItemIds, Is.Ordered.Using((IComparer<string>)StringComparer.Ordinal));
            Assert.That(again.UserItems.Items.SequenceEqual(first.UserItems.Items), Is.True);
            Assert.That(other.UserItems.Items.SequenceEqual(first.UserItems.Items), Is.False);
            Assert.That(Enumerable.Range(0, 3000).Min(u => first.UserItems[u].Length), Is.GreaterThanOrEqualTo(2));
        });
    }

    [Test]
    public void True_probabilities_are_those_of_the_log()
    {
        // For each user and item the log holds a Bernoulli draw of the stated probability, all independent. Sums of
        // (draw − p) over groups of like p must be within sampling error of zero.
        (Interactions log, SyntheticTruth truth) = SyntheticInteractions.Generate(Small);
        double[] borders = [0, 0.002, 0.01, 0.05, 0.2, 0.5, 0.8, 1];
        double[] excess = new double[borders.Length - 1];
        double[] variance = new double[borders.Length - 1];
        double[] probabilities = new double[2000];
        for (int user = 0; user < 3000; user++)
        {
            truth.Probabilities(user, probabilities);
            for (int item = 0; item < 2000; item++)
            {
                int group = Array.FindLastIndex(borders[..^1], b => probabilities[item] >= b);
                excess[group] -= probabilities[item];
                variance[group] += probabilities[item] * (1 - probabilities[item]);
            }

            foreach (int item in log.UserItems[user])
                excess[Array.FindLastIndex(borders[..^1], b => probabilities[item] >= b)]++;
        }

        Assert.Multiple(() =>
        {
            for (int group = 0; group < excess.Length; group++)
            {
                Assert.That(variance[group], Is.GreaterThan(50), $"group {group} must hold enough to judge");
                Assert.That(excess[group], Is.EqualTo(0).Within(4.5 * Math.Sqrt(variance[group])), $"from {borders[group]}");
            }
        });
    }

    [Test]
    public void The_oracle_is_above_popularity_and_reaches_what_it_expects()
    {
        (Interactions log, SyntheticTruth truth) = SyntheticInteractions.Generate(Small);
        SplitPart part = SessionSplit.Create(log, 1, new() { TrainFraction = 0.5, ValidationFraction = 0 }).Test;
        (double actual, double expected) = truth.BestReward(part);
        int popular = log.UserItems.Items.ToArray().CountBy(i => i).MaxBy(c => c.Value).Key;
        double baseline = Enumerable.Range(0, part.Count).Average(i => part.Rewarded[i].Contains(popular) ? 1.0 : 0);
        Assert.Multiple(() =>
        {
            // The exact halving differs from the formula's fair coins by O(1/n), n ≈ 30 items: 0.02 on top of 4 errors.
            Assert.That(actual, Is.EqualTo(expected).Within(0.02 + (4 * Math.Sqrt(expected * (1 - expected) / part.Count))));
            Assert.That(actual, Is.GreaterThan(3 * baseline));
        });
    }

    [Test]
    public void The_best_item_is_not_in_the_history()
    {
        (Interactions log, SyntheticTruth truth) = SyntheticInteractions.Generate(Small);
        int first = truth.Best(3, [], out double probability);
        int second = truth.Best(3, [first], out double less);
        Assert.Multiple(() =>
        {
            Assert.That(second, Is.Not.EqualTo(first));
            Assert.That(less, Is.LessThanOrEqualTo(probability).And.Positive);
            Assert.That(log.UserCount, Is.EqualTo(truth.Users));
        });
    }

    [Test]
    public void Item_norms_of_the_default_log_spread_like_real_ones()
    {
        Interactions log = SyntheticInteractions.Generate().Interactions;
        using WorkerTeam team = new(2);
        SvdResult svd = TruncatedSvd.Compute(
            TrainingMatrix.Build(SessionSplit.Create(log, 1).Train, EmbeddingSource.HistoriesAndRewarded),
            log.ItemCount, new() { PowerIterations = 3 }, team);
        using Matrix beta = svd.ItemFactors;
        NormSpread spread = NormSpread.Of(beta);
        TestContext.Out.WriteLine(spread);

        // Gowalla, L = 64, VΣ: 1.28, 65, 8.4.
        Assert.Multiple(() =>
        {
            Assert.That(log.ItemCount, Is.EqualTo(20_000));
            Assert.That(spread.Variation, Is.InRange(1.0, 2.0));
            Assert.That(spread.LargestOverMedian, Is.InRange(25, 130));
            Assert.That(spread.Percentile99OverMedian, Is.InRange(5, 16));
        });
    }

    [Test]
    public void One_item_per_cluster_and_no_background_still_ends()
    {
        Interactions log = SyntheticInteractions.Generate(
            new() { Items = 10, Users = 50, Clusters = 10, ClustersPerUser = 1, BackgroundShare = 0 }).Interactions;
        Assert.That(Enumerable.Range(0, 50).All(u => log.UserItems[u].Length >= 2), Is.True);
    }

    [Test]
    public void Bad_options()
    {
        Assert.Multiple(() =>
        {
            Assert.That(() => SyntheticInteractions.Generate(Small with { Items = 9 }), Throws.InstanceOf<ArgumentOutOfRangeException>());
            Assert.That(() => SyntheticInteractions.Generate(Small with { Clusters = 2001 }), Throws.InstanceOf<ArgumentOutOfRangeException>());
            Assert.That(() => SyntheticInteractions.Generate(Small with { BackgroundShare = double.NaN }), Throws.InstanceOf<ArgumentOutOfRangeException>());
            Assert.That(() => SyntheticInteractions.Generate(Small with { MeanDraws = 1 }), Throws.InstanceOf<ArgumentOutOfRangeException>());
        });
    }
}
