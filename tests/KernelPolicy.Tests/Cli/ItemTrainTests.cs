using System.Text.Json;
using NUnit.Framework;

namespace KernelPolicy.Tests.Cli;

/// <summary>Items that learn, through the tool.</summary>
internal sealed class ItemTrainTests
{
    private static readonly TestCaseData[] Cases =
    [
        new("corrected:r=0+b:rate=1", new[] { "--items", "corrected" }),
        new("corrected:r=2:rate=0.5", new[] { "--items", "corrected", "--item-rank", "2", "--no-item-bias", "--item-rate", "0.5" }),
        new("learned:rate=1", new[] { "--items", "learned", "--estimator", "strata", "--top-k", "5", "--tail", "9" }),
        new("learned+contexts:rate=1", new[] { "--items", "learned", "--through-histories", "--estimator", "mixture", "--samples", "40", "--top-k", "8", "--index", "hnsw" }),
    ];

    [TestCaseSource(nameof(Cases))]
    public void What_was_learned_is_in_the_policy(string words, string[] options)
    {
        using TestFolder folder = new();
        ToolRun run = ToolRun.Of(TrainTests.Train(folder, "run", [.. options, "--json"]));
        Assert.That((run.Code, run.Error), Is.EqualTo((0, "")));
        JsonElement evaluated = ToolRun.Of("evaluate", "--policy", folder["run"], "--json").Json;
        Assert.That(run.Json.GetProperty("item_learning").GetString(), Is.EqualTo(words));
        Assert.That(evaluated.GetProperty("reward_exact").GetDouble(), Is.EqualTo(run.Json.GetProperty("test_reward_exact").GetDouble()));
    }

    [Test]
    public void A_device_refuses_items_that_learn()
    {
        using TestFolder folder = new();
        string[] arguments = [.. TrainTests.Train(folder, "run", "--items", "corrected").Select(word => word == "simd" ? "cpu-accelerator" : word)];
        Assert.That(arguments, Does.Contain("cpu-accelerator"));
        ToolRun run = ToolRun.Of(arguments);
        Assert.That(run.Code, Is.Not.Zero);
        Assert.That(run.Error, Does.Contain("--device simd").And.Contain("--items frozen"));
    }
}
