using KernelPolicy.Data;
using NUnit.Framework;

namespace KernelPolicy.Tests.Data;

[TestFixture]
public sealed class BanditSplitTests
{
    [Test]
    public void By_seed_each_decision_is_in_one_part([Values(1, 10, 997, 1000)] int count)
    {
        using BanditLog log = Log(count, null);
        BanditSplit split = BanditSplit.BySeed(log, 1);
        Assert.Multiple(() =>
        {
            Assert.That(split.Train.Concat(split.Validation).Concat(split.Test).Order(), Is.EqualTo(Enumerable.Range(0, count)));
            Assert.That(split.Train, Has.Length.EqualTo((int)Math.Round(0.8 * count)));
            Assert.That(split.Validation, Has.Length.EqualTo((int)Math.Round(0.9 * count) - split.Train.Length));
            Assert.That(split.Train, Is.Ordered);
            Assert.That(split.Test, Is.Ordered);
        });
    }

    [Test]
    public void The_same_seed_gives_the_same_parts_and_another_gives_others()
    {
        using BanditLog log = Log(1000, null);
        using BanditLog with = Log(1000, i => 1000 - i);
        Assert.Multiple(() =>
        {
            Assert.That(BanditSplit.BySeed(with, 7).Test, Is.EqualTo(BanditSplit.BySeed(log, 7).Test));
            Assert.That(BanditSplit.BySeed(log, 8).Test, Is.Not.EqualTo(BanditSplit.BySeed(log, 7).Test));
        });
    }

    [Test]
    public void By_time_the_past_trains_and_the_future_tests()
    {
        using BanditLog log = Log(1000, i => i * 7919 % 1000);
        BanditSplit split = BanditSplit.ByTime(log);
        double[] times = log.Times.ToArray();
        double[] inOrder = [.. split.Train.Concat(split.Validation).Concat(split.Test).Select(row => times[row])];
        Assert.Multiple(() =>
        {
            Assert.That(inOrder, Is.EqualTo(Enumerable.Range(0, 1000).Select(i => (double)i)));
            Assert.That((split.Train.Length, split.Validation.Length, split.Test.Length), Is.EqualTo((800, 100, 100)));
        });
    }

    [Test]
    public void By_time_decisions_of_one_time_stay_together()
    {
        // Times 0,0,0,1,1,1,…: the boundaries at 80 and 90 of 100 move to 81 and stay at 90.
        using BanditLog log = Log(100, i => i / 3);
        BanditSplit split = BanditSplit.ByTime(log);
        Assert.That((split.Train.Length, split.Validation.Length, split.Test.Length), Is.EqualTo((81, 9, 10)));
        using BanditLog same = Log(100, _ => 5);
        BanditSplit one = BanditSplit.ByTime(same);
        Assert.That((one.Train.Length, one.Validation.Length, one.Test.Length), Is.EqualTo((100, 0, 0)));
        Assert.That(one.Train, Is.Ordered);
    }

    [Test]
    public void Shares_and_logs_that_do_not_do()
    {
        using BanditLog log = Log(10, null);
        Assert.Multiple(() =>
        {
            Assert.That(() => BanditSplit.ByTime(log), Throws.ArgumentException.With.Message.Contains("no times"));
            Assert.That(() => BanditSplit.BySeed(log, 1, new() { TrainFraction = 0.01 }), Throws.ArgumentException.With.Message.Contains("10 decisions"));
            Assert.That(() => BanditSplit.BySeed(log, 1, new() { TrainFraction = 2 }), Throws.InstanceOf<ArgumentOutOfRangeException>());
            Assert.That(BanditSplit.BySeed(log, 1, new() { TrainFraction = 1, ValidationFraction = 0 }).Test, Is.Empty);
        });
    }

    [Test]
    public void A_part_has_the_rows_asked_for()
    {
        using SyntheticBandit bandit = SyntheticBandit.Create(new() { Items = 10, Contexts = 20, Dimension = 3 });
        using BanditLog log = bandit.Draw(50, 1).Log;
        string[] lines = BanditText.Lines(log);
        int[] rows = [49, 0, 7, 7];
        using BanditLog part = log.Take(rows);
        Assert.Multiple(() =>
        {
            Assert.That(BanditText.Lines(part), Is.EqualTo(rows.Select(row => lines[row])));
            Assert.That(part.ItemIds, Is.SameAs(log.ItemIds));
            Assert.That(() => log.Take([50]), Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.Contains("0 to 49"));
        });
    }

    private static BanditLog Log(int count, Func<int, double>? time)
    {
        BanditDecisions decisions = new(new int[count], new double[count])
        {
            Times = time is null ? null : [.. Enumerable.Range(0, count).Select(time)],
        };
        return new BanditLog(decisions, new KernelPolicy.Kernels.Matrix(count, 1), new FeatureEncoding(true, []), null, ["a"], new());
    }
}
