using System.Text.Json;
using KernelPolicy.Kernels;
using NUnit.Framework;

namespace KernelPolicy.Tests.Cli;

internal sealed class BenchTests
{
    [TestCase("mixture", "hnsw")]
    [TestCase("uniform", "exact")]
    public void Json_holds_the_figures(string estimator, string index)
    {
        ToolRun run = ToolRun.Of(
            "bench", "--items", "2000", "--dim", "16", "--batch-size", "8", "--samples", "100", "--top-k", "32",
            "--estimator", estimator, "--index", index, "--steps", "10", "--threads", "2", "--seed", "1", "--json",
            "--device", "simd");
        Assert.That((run.Code, run.Error), Is.EqualTo((0, "")));
        JsonElement report = run.Json;
        Assert.Multiple(() =>
        {
            Assert.That(report.GetProperty("runner").GetString(), Is.EqualTo($"simd {SimdPath.Width}"));
            Assert.That(report.GetProperty("ms_per_step").GetDouble(), Is.Positive);
            Assert.That(report.GetProperty("ms_per_step_in_bulk").GetDouble(), Is.Positive);
            foreach (string name in new[] { "launches_per_step", "up_bytes_per_step", "down_bytes_per_step", "kernels" })
                Assert.That(report.GetProperty(name).ValueKind, Is.EqualTo(JsonValueKind.Null), name);
            Assert.That(report.GetProperty("peak_rss_mb").GetDouble(), Is.Positive);
            Assert.That(report.GetProperty("build_seconds").GetDouble(), Is.AtLeast(0));
            Assert.That(report.GetProperty("bytes_allocated_per_step").GetDouble(), Is.AtLeast(0));
            if (estimator == "mixture")
            {
                Assert.That(report.GetProperty("ms_query").GetDouble(), Is.Positive);
                Assert.That(report.GetProperty("recall").GetDouble(), Is.InRange(0.5, 1));
                Assert.That(report.GetProperty("top_k_by").GetString(), Is.EqualTo("top 32 by searching a graph"));
            }
            else
            {
                Assert.That(report.GetProperty("recall").ValueKind, Is.EqualTo(JsonValueKind.Null));
            }
        });
    }

    [Test]
    public void A_device_s_kernels_are_timed_one_by_one()
    {
        ToolRun run = ToolRun.Of(
            "bench", "--device", "cpu-accelerator", "--profile", "--items", "1000", "--dim", "4", "--batch-size", "2", "--samples", "2",
            "--estimator", "uniform", "--steps", "2", "--threads", "1", "--json");
        Assert.That((run.Code, run.Error), Is.EqualTo((0, "")));
        JsonElement report = run.Json;
        double launches = report.GetProperty("launches_per_step").GetDouble();
        JsonElement[] kernels = [.. report.GetProperty("kernels").EnumerateArray()];
        Assert.Multiple(() =>
        {
            Assert.That(launches, Is.AtLeast(3));
            Assert.That(kernels.Sum(kernel => kernel.GetProperty("launches_per_step").GetDouble()), Is.EqualTo(launches));
            Assert.That(kernels.Select(kernel => kernel.GetProperty("ms_per_step").GetDouble()), Has.All.Positive);
            Assert.That(kernels.Select(kernel => kernel.GetProperty("kernel").GetString()), Does.Contain("contexts and projection"));
        });
    }
}
