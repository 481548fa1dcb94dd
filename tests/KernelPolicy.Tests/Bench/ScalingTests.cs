using KernelPolicy.KernelReport.Reporting;
using KernelPolicy.KernelReport.Scaling;
using NUnit.Framework;

namespace KernelPolicy.Tests.Bench;

/// <summary>The formulas of `scaling`, by hand.</summary>
public class ScalingTests
{
    private static readonly MachinePeaks Peaks = new(ReadRate: 50e9, MemoryBytes: 24.0 * (1L << 30));

    [TestCase(2e-6)]
    [TestCase(0)]
    public void FitsFindWhatCostsAreMadeOf(double slope)
    {
        CostGrowth growth = slope > 0 ? CostGrowth.Linear : CostGrowth.Constant;
        FittedCost fit = FittedCost.Of([(1e4, 3 + (slope * 1e4)), (1e5, 3 + (slope * 1e5)), (1e6, 3 + (slope * 1e6))], growth);
        Assert.That(fit.At(1e8), Is.EqualTo(3 + (slope * 1e8)).Within(1e-4));
    }

    [Test]
    public void GraphsGrowWithTheLogarithm()
    {
        FittedCost fit = FittedCost.Of([(Math.Exp(9), 0.5 + (0.1 * 9)), (Math.Exp(12), 0.5 + (0.1 * 12))], CostGrowth.Logarithmic);
        Assert.That(fit.At(Math.Exp(18)), Is.EqualTo(0.5 + (0.1 * 18)).Within(1e-9));
    }

    [Test]
    public void NoPartIsBelowZero()
    {
        // A line through these would start at −1, and one through the others fall.
        Assert.That(FittedCost.Of([(1000, 1), (2000, 3)], CostGrowth.Linear).Fixed, Is.Zero);
        FittedCost falling = FittedCost.Of([(1000, 3), (2000, 1)], CostGrowth.Linear);
        Assert.That((falling.Slope, falling.At(1e9)), Is.EqualTo((0.0, falling.Fixed)));
    }

    [Test]
    public void AloneAMeasurementGrowsAsAWhole()
    {
        Assert.That(FittedCost.Of([(1e6, 5)], CostGrowth.Linear).At(1e7), Is.EqualTo(50).Within(1e-9));
        Assert.That(FittedCost.Of([(1e6, 6)], CostGrowth.Logarithmic).At(1e7), Is.EqualTo(7).Within(1e-9));
        Assert.That(FittedCost.Of([(1e6, 5)], CostGrowth.Constant).At(1e7), Is.EqualTo(5).Within(1e-9));
    }

    [Test]
    public void RelativeErrorsCountAlike()
    {
        // For a constant, Σ (a/c − 1)² is least at a = Σ(1/c) / Σ(1/c²).
        Assert.That(FittedCost.Of([(10, 1), (20, 2)], CostGrowth.Constant).Fixed, Is.EqualTo(1.5 / 1.25).Within(1e-12));
    }

    [TestCase(1e6, 0.0)]
    [TestCase(1e6, double.NaN)]
    [TestCase(1.0, 1.0)]
    public void CostsAreAboveZero(double items, double cost) =>
        Assert.Throws<ArgumentException>(() => FittedCost.Of([(items, cost)], CostGrowth.Linear));

    [Test]
    public void EpochsAreWholeStepsAndNoFasterThanMemory()
    {
        StepScaling scaling = StepScaling.Of(
        [
            new StepMeasurement("simd", "exact", CostGrowth.Linear, 1e5, 64, 1e-3, 1e8),
            new StepMeasurement("simd", "exact", CostGrowth.Linear, 1e6, 64, 1e-2, 1e9),
        ]);

        // By time 0.1 s at 10^7 items; their 10^10 bytes need 0.2 s at 50 GB/s.
        Assert.That(scaling.StepSeconds(1e7, Peaks), Is.EqualTo(0.2).Within(1e-9));
        Assert.That(scaling.StepSeconds(1e7, Peaks with { ReadRate = 200e9 }), Is.EqualTo(0.1).Within(1e-9));
        Assert.That(scaling.EpochSeconds(1e7, contexts: 65, batchSize: 32, Peaks), Is.EqualTo(3 * 0.2).Within(1e-9));
        Assert.That(scaling.LargestMeasured, Is.EqualTo(1e6));
    }

    [Test]
    public void MemoryOfAGraphIsThatOfOneMeasured()
    {
        TrainingMemory memory = new(100);
        Assert.That(memory.PlainItem, Is.EqualTo(448));

        // 750,000 items of 100 dimensions: 288 MiB beside the items, bench/results/amd-epyc-2vcpu/index/report.md.
        Assert.That((memory.GraphItem - memory.PlainItem) * 750_000 / (1 << 20), Is.EqualTo(288).Within(1));
        Assert.That(memory.ReinforceItem - memory.PlainItem, Is.EqualTo(128 * (1 + (1.0 / 12))).Within(1e-9));
        Assert.That(memory.Context, Is.EqualTo((20 * 4) + 16));
    }

    [Test]
    public void OneMachineEndsWhereItsMemoryDoes()
    {
        TrainingMemory memory = new(100);
        double item = memory.GraphItem, most = memory.MostItems(Peaks.MemoryBytes, item, 1e6);
        Assert.That(memory.Total(most, item, 1e6), Is.LessThanOrEqualTo(Peaks.MemoryBytes));
        Assert.That(memory.Total(most + 1, item, 1e6), Is.GreaterThan(Peaks.MemoryBytes));
        Assert.That(memory.MostItems(Peaks.MemoryBytes, item, 1e9), Is.Zero, "10^9 contexts are 96 GB");
        double contexts = memory.MostContexts(Peaks.MemoryBytes, item, 1e6);
        Assert.That(memory.Total(1e6, item, contexts), Is.LessThanOrEqualTo(Peaks.MemoryBytes));
        Assert.That(memory.Total(1e6, item, contexts + 1), Is.GreaterThan(Peaks.MemoryBytes));
    }

    [TestCase(1.5, "1.50 s")]
    [TestCase(600, "10.0 min")]
    [TestCase(36_000, "10.0 h")]
    [TestCase(864_000, "10.0 days")]
    public void TimesAreSaidInTheirUnit(double seconds, string text) => Assert.That(ScalingReport.Duration(seconds), Is.EqualTo(text));

    [Test]
    public void ReportHasEveryEstimatorAndSaysWhatIsTooMuch()
    {
        StepScaling graph = StepScaling.Of([new StepMeasurement("simd", "strata", CostGrowth.Logarithmic, 1e6, 100, 1e-3, null)]);
        string text = new ScalingReport([graph], new TrainingMemory(100), Peaks, [1e6, 1e8], 1e8).Markdown(["steps.csv"]);

        // 10^8 / 32 steps of a millisecond; at 10^8 items of ln 10^8 / ln 10^6 = 4/3 as much.
        Assert.That(text, Does.Contain("| simd | strata | 1,000,000 | 52.1 min | 69.4 min |"));
        Assert.That(text, Does.Contain("(too much)"));
    }
}
