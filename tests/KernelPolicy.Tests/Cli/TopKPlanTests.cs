using KernelPolicy.Cli.Devices;
using KernelPolicy.Cli.Options;
using KernelPolicy.DeviceTraining;
using KernelPolicy.Index;
using KernelPolicy.Policy;
using NUnit.Framework;

namespace KernelPolicy.Tests.Cli;

/// <summary>What --index means for what runs the steps.</summary>
internal sealed class TopKPlanTests
{
    private const int Dimension = 100;

    // 256 + 12 candidates at 50,000 numbers each: the graph from 134,000 items of 100 dimensions on.
    [TestCase("auto", 133_000, "Simd", "top 256 by scanning")]
    [TestCase("auto", 135_000, "Simd", "top 256 by searching a graph")]
    [TestCase("exact", 135_000, "Simd", "top 256 by scanning")]
    [TestCase("auto", 133_000, "ProcessorAsDevice", "top 256 by scanning on the device")]
    [TestCase("auto", 135_000, "ProcessorAsDevice", "top 256 by searching a graph on the host")]
    [TestCase("auto", 4_000_000, "Graphics", "top 256 by scanning on the device")]
    [TestCase("auto", 4_000_001, "Graphics", "top 256 by searching a graph on the host")]
    [TestCase("exact", 10_000_000, "Graphics", "top 256 by scanning on the device")]
    [TestCase("hnsw", 1_000, "Graphics", "top 256 by searching a graph on the host")]
    [TestCase("hnsw", 1_000, "ProcessorAsDevice", "top 256 by searching a graph on the host")]
    public void A_choice_has_one_meaning(string kind, int items, string runner, string words)
    {
        TopKPlan plan = Plan(kind, items, new MixtureOptions(1000, 256, 0.8), Enum.Parse<StepRunner>(runner));
        Assert.That(plan.Words, Is.EqualTo(words));
        Assert.That(plan.IsGraph, Is.EqualTo(words.Contains("graph", StringComparison.Ordinal)));
        Assert.That(plan.IsOnDevice, Is.EqualTo(words.Contains("on the device", StringComparison.Ordinal)));
    }

    [Test]
    public void Beyond_what_a_device_scans_for_there_is_the_graph()
    {
        int most = DeviceTrainingOptions.MostScannedK;
        MixtureOptions tooLarge = new(10_000, most + 1, 0.8);
        Assert.Multiple(() =>
        {
            foreach (StepRunner runner in new[] { StepRunner.ProcessorAsDevice, StepRunner.Graphics })
            {
                Assert.That(Plan("auto", 100_000, tooLarge, runner).IsGraph);
                Assert.That(Plan("auto", 100_000, tooLarge with { TopK = most }, runner).IsOnDevice);
                // K is cut to the catalogue first.
                Assert.That(Plan("exact", most, tooLarge, runner).IsOnDevice);
                Assert.That(
                    () => Plan("exact", 100_000, tooLarge, runner), Throws.ArgumentException.With.Message.Contains($"at most {most}"));
            }

            Assert.That(Plan("exact", 100_000, tooLarge, StepRunner.Simd).IsGraph, Is.False);
        });
    }

    [Test]
    public void Steps_that_ask_for_none_leave_the_index_to_recommendations()
    {
        foreach (StepRunner runner in Enum.GetValues<StepRunner>())
        {
            TopKPlan scan = Plan("auto", 10_000_000, new UniformOptions(1000), runner), graph = Plan("hnsw", 1000, new ExactOptions(), runner);
            Assert.That((scan.K, scan.Words, scan.IsGraph, scan.IsOnDevice), Is.EqualTo((0, (string?)null, false, false)));
            Assert.That((graph.K, graph.Words, graph.IsGraph, graph.IsOnDevice), Is.EqualTo((0, (string?)null, true, false)));
        }
    }

    private static TopKPlan Plan(string kind, int items, EstimatorOptions estimator, StepRunner runner) =>
        TopKPlan.For(new IndexChoice(kind, HnswMetric.Automatic, 32, 100, 64, false), items, Dimension, estimator, runner);
}
