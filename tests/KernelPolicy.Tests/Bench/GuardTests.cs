using System.Text;
using KernelPolicy.Guard.Measuring;
using KernelPolicy.Guard.Rules;
using NUnit.Framework;

namespace KernelPolicy.Tests.Bench;

/// <summary>The guard fails where it must: what it measures is measured by `.ci/run` alone.</summary>
public class GuardTests
{
    private static readonly RatioRule Ratio = new("slow", "fast", 8);

    [TestCase(8, true)]
    [TestCase(80, true)]
    [TestCase(4, true)]
    [TestCase(3.99, false)]
    [TestCase(0.1, false)]
    public void RatioHoldsDownToHalf(double ratio, bool holds)
    {
        Finding finding = Ratio.Check(Measured(slow: ratio, fast: 1));
        Assert.That((finding.Measured, finding.Limit, finding.Holds), Is.EqualTo((ratio, 4.0, holds)));
    }

    [Test]
    public void RatioOfNoNumberFails() => Assert.That(Ratio.Check(Measured(slow: double.NaN, fast: 1)).Holds, Is.False);

    [Test]
    public void RatioOfWhatWasNotMeasuredIsAMistake() =>
        Assert.Throws<KeyNotFoundException>(() => new RatioRule("slow", "unknown", 2).Check(Measured(1, 1)));

    [TestCase(0.1, 0.2, 0.2, true)]
    [TestCase(0.1, 0.2, 0.21, false)]
    [TestCase(0.995, 0.99, 0.99, true)]
    [TestCase(0.995, 0.99, 0.98, false)]
    [TestCase(0.1, 0.2, double.NaN, false)]
    [TestCase(0.995, 0.99, double.NaN, false)]
    public void ErrorsMayNotRiseNorRecallsFall(double expected, double limit, double value, bool holds) =>
        Assert.That(new QualityRule("fast", "", expected, limit).Check(Measured(1, 1, quality: value)).Holds, Is.EqualTo(holds));

    [Test]
    public void OneByteFails()
    {
        Assert.That(new AllocationRule("fast").Check(Measured(1, 1)).Holds);
        Assert.That(new AllocationRule("fast").Check(Measured(1, 1, bytes: 1)).Holds, Is.False);
    }

    [TestCase(8, true, "All 2 hold.")]
    [TestCase(1, false, "1 of 2 FAIL.")]
    public void VerdictIsThatOfEveryRule(double slow, bool holds, string last)
    {
        StringBuilder text = new();
        Assert.That(GuardReport.Write(Measured(slow, 1), [Ratio, new AllocationRule("fast")], text), Is.EqualTo(holds));
        Assert.That(text.ToString().TrimEnd(), Does.EndWith(last));
    }

    [Test]
    public void HouseRulesHaveFloorsOfHalfAndNoAllocations()
    {
        IEnumerable<(string, string)> ratios = HouseRules.All.OfType<RatioRule>().Select(rule => (rule.Slower, rule.Faster));
        Assert.That(ratios, Is.EqualTo(new[]
        {
            (GuardedCalls.Reinforce, GuardedCalls.Mixture), (GuardedCalls.Mixture, GuardedCalls.Strata), (GuardedCalls.Scan, GuardedCalls.Search),
        }));
        Assert.That(HouseRules.All.OfType<RatioRule>(), Has.All.Matches<RatioRule>(rule => rule.Floor == rule.Expected / 2));
        Assert.That(HouseRules.All.OfType<AllocationRule>().Select(rule => rule.Contender), Is.EquivalentTo(GuardedCalls.Names));
    }

    [Test]
    public void CallsThatAllocateAreSeen()
    {
        byte[]? kept = null;
        Assert.That(Turns.Bytes(new Contender("", () => kept = new byte[100])), Is.GreaterThanOrEqualTo(100));
        Assert.That(kept, Is.Not.Null);
    }

    private static Measurements Measured(double slow, double fast, double quality = 1, long bytes = 0) => new(
        new Dictionary<string, double> { ["slow"] = slow, ["fast"] = fast },
        new Dictionary<string, long> { ["fast"] = bytes },
        new Dictionary<string, double> { ["fast"] = quality });
}
