using KernelPolicy.Data;
using KernelPolicy.Tests.Support;
using NUnit.Framework;

namespace KernelPolicy.Tests.Data;

/// <summary>The sample of the Open Bandit Dataset as its publishers write it.</summary>
[TestFixture]
public sealed class OpenBanditTests
{
    private static readonly string[] Numbers = [.. Enumerable.Range(0, 34).Select(i => $"{i}")];

    [TestCase("random", 46)]
    [TestCase("bts", 69)]
    public void Each_policys_log_has_the_stated_sizes(string policy, int clicks)
    {
        using BanditLog log = Read(policy);
        Assert.Multiple(() =>
        {
            Assert.That((log.Count, log.ItemCount, log.Report.Rewarded), Is.EqualTo((10_000, 34, clicks)));
            Assert.That(log.Report.MeanReward, Is.EqualTo(clicks / 10_000.0).Within(1e-15));
            Assert.That(log.ItemIds, Is.EqualTo(Numbers));
            Assert.That(log.Propensities.ToArray(), Is.All.GreaterThan(0).And.All.LessThanOrEqualTo(1));
            Assert.That(log.Rewards.ToArray().Distinct().Order(), Is.EqualTo(new[] { 0.0, 1.0 }));
            Assert.That(log.Positions.ToArray().Distinct().Order(), Is.EqualTo(new[] { 1, 2, 3 }));
            Assert.That(log.Encoding!.Columns.Select(c => c.Name), Is.EqualTo(Enumerable.Range(0, 4).Select(i => $"user_feature_{i}")));
            Assert.That(log.Encoding.Columns.All(c => c.Categories is not null), Is.True);
            Assert.That(Enumerable.Range(0, log.Count).All(i => Sum(log.Features!.Row(i)) == 5), Is.True, "one category a column, and the intercept");

            // 2019-11-24 to 2019-11-30, UTC.
            Assert.That(log.Times.ToArray(), Is.All.InRange(1_574_553_600.0, 1_575_158_400.0));
        });
    }

    [Test]
    public void The_random_policy_has_even_propensities()
    {
        using BanditLog log = Read("random");
        Assert.That(log.Propensities.ToArray(), Is.All.EqualTo(1.0 / 34));
    }

    [Test]
    public void The_first_row_is_the_publishers()
    {
        using BanditLog log = Read("random");
        Assert.Multiple(() =>
        {
            Assert.That((log.Actions[0], log.Positions[0], log.Rewards[0]), Is.EqualTo((14, 3, 0.0)));
            Assert.That(log.Times[0], Is.EqualTo(1_574_553_793.442536).Within(1e-6));
            Assert.That(
                log.Encoding!.EncodedFeatures.Where((_, j) => log.Features!.Row(0)[j] == 1),
                Is.EqualTo(new[]
                {
                    "intercept", "user_feature_0=cef3390ed299c09874189c387777674a", "user_feature_1=03a5648a76832f83c859d46bc06cb64a",
                    "user_feature_2=7bc94a2da491829b777c49c4b5e480f2", "user_feature_3=9bde591ffaab8d54c457448e4dca6f53",
                }));
        });
    }

    [Test]
    public void One_policys_items_and_encoding_serve_the_other()
    {
        using BanditLog random = Read("random");
        using BanditLog bts = Read("bts", new() { Items = random.ItemIds, Encoding = random.Encoding });
        using BanditLog alone = Read("bts");
        using BanditLog both = BanditLogReader.Read(
            [.. SharedData.Files("open-bandit/random/men.csv.gz"), .. SharedData.Files("open-bandit/bts/men.csv.gz")],
            new() { Format = BanditLogFormat.OpenBandit });
        Assert.Multiple(() =>
        {
            Assert.That(bts.Actions.SequenceEqual(alone.Actions), Is.True);
            Assert.That(bts.Features!.Columns, Is.EqualTo(random.Features!.Columns));
            Assert.That(
                Enumerable.Range(0, bts.Count).Sum(i => 5 - Sum(bts.Features.Row(i))), Is.EqualTo(bts.Report.UnknownCategories));
            Assert.That(both.Count, Is.EqualTo(20_000));
            Assert.That(both.Actions[10_000..].SequenceEqual(bts.Actions), Is.True);
            Assert.That(both.Report.Rewarded, Is.EqualTo(46 + 69));
        });
    }

    [Test]
    public void Affinities_and_one_position_on_request()
    {
        using BanditLog log = Read("bts", new()
        {
            FeatureColumns = ["user-item_affinity_*"], FilterColumn = "position", FilterValue = "1", Intercept = false,
        });
        Assert.Multiple(() =>
        {
            Assert.That(log.Encoding!.EncodedFeatures, Is.EqualTo(Numbers.Select(i => $"user-item_affinity_{i}")));
            Assert.That(log.Positions.ToArray(), Is.All.EqualTo(1));
            Assert.That(log.Report.RowsFilteredOut + log.Count, Is.EqualTo(10_000));
        });
    }

    [Test]
    public void Item_features_follow_the_items()
    {
        using BanditLog log = Read("bts");
        string file = SharedData.Files("open-bandit/bts/item_context.csv")[0];
        using ItemFeatures numbers = ItemFeatures.Read(file, log.ItemIds, new() { FeatureColumns = ["item_feature_0"] });
        using ItemFeatures all = ItemFeatures.Read(file, log.ItemIds);
        Assert.Multiple(() =>
        {
            Assert.That((numbers.Values.Rows, numbers.Values.Columns), Is.EqualTo((34L, 1)));
            Assert.That(numbers.Values.Row(0)[0], Is.EqualTo(-0.6771831139635117f));
            Assert.That(numbers.Values.Row(1)[0], Is.EqualTo(-0.7202996418188664f));
            Assert.That(all.Encoding.Columns.Select(c => c.Name), Is.EqualTo(Enumerable.Range(0, 4).Select(i => $"item_feature_{i}")));
            Assert.That(Enumerable.Range(0, 34).All(i => Sum(all.Values.Row(i)[1..]) == 3), Is.True);
        });
    }

    private static float Sum(ReadOnlySpan<float> values)
    {
        float sum = 0;
        foreach (float value in values)
            sum += value;
        return sum;
    }

    private static BanditLog Read(string policy, BanditLogOptions? options = null) => BanditLogReader.Read(
        SharedData.Files($"open-bandit/{policy}/men.csv.gz"), (options ?? new()) with { Format = BanditLogFormat.OpenBandit });
}
