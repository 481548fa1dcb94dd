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
            "--estimator", estimator, "--index", index, "--steps", "10", "--threads", "2", "--seed", "1", "--json");
        Assert.That((run.Code, run.Error), Is.EqualTo((0, "")));
        JsonElement report = run.Json;
        Assert.Multiple(() =>
        {
            Assert.That(report.GetProperty("runner").GetString(), Is.EqualTo($"simd {SimdPath.Width}"));
            Assert.That(report.GetProperty("ms_per_step").GetDouble(), Is.Positive);
            Assert.That(report.GetProperty("peak_rss_mb").GetDouble(), Is.Positive);
            Assert.That(report.GetProperty("build_seconds").GetDouble(), Is.AtLeast(0));
            Assert.That(report.GetProperty("bytes_allocated_per_step").GetDouble(), Is.AtLeast(0));
            if (estimator == "mixture")
            {
                Assert.That(report.GetProperty("ms_query").GetDouble(), Is.Positive);
                Assert.That(report.GetProperty("recall").GetDouble(), Is.InRange(0.5, 1));
            }
            else
            {
                Assert.That(report.GetProperty("recall").ValueKind, Is.EqualTo(JsonValueKind.Null));
            }
        });
    }
}
