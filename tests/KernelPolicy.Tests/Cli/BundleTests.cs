using KernelPolicy.Policy;
using NUnit.Framework;

namespace KernelPolicy.Tests.Cli;

/// <summary>From a training to the file that a service opens.</summary>
internal sealed class BundleTests
{
    [TestCase("exact")]
    [TestCase("hnsw")]
    public void A_bundle_recommends_what_the_tool_recommends(string index)
    {
        using TestFolder folder = new();
        Assert.That(ToolRun.Of(TrainTests.Train(folder, "run", "--index", index)).Code, Is.Zero);
        ToolRun run = ToolRun.Of("bundle", "--policy", folder["run"], "--ef-search", "500", "--json");
        Assert.That((run.Code, run.Error), Is.EqualTo((0, "")));
        string path = Path.Combine(folder["run"], "model.kpolicy");
        Assert.That(run.Json.GetProperty("file").GetString(), Is.EqualTo(path));
        Assert.That(run.Json.GetProperty("ef_search").GetInt32(), Is.EqualTo(500));

        string item = File.ReadLines(folder["log.csv"]).Skip(1).First().Split(',')[1];
        string[] expected =
        [
            .. ToolRun.Of("recommend", "--policy", folder["run"], "--history", item, "--index", "exact", "--count", "5", "--include-history", "--json").Json
                .GetProperty("recommendations")[0].GetProperty("items").EnumerateArray().Select(one => one.GetProperty("id").GetString()!),
        ];
        using Recommender recommender = Recommender.Open(path);
        Assert.That(recommender.TryFind(item, out int number), Is.True);
        int[] items = new int[5];
        recommender.RecommendTo([number], items, new float[5]);
        Assert.That(items.Select(recommender.IdOf), Is.EqualTo(expected));
    }

    [Test]
    public void Mistakes_are_named()
    {
        using TestFolder folder = new();
        Assert.That(ToolRun.Of("bundle", "--policy", folder["none"]).Error, Does.Contain("no folder or file"));
        Assert.That(ToolRun.Of("bundle", "--policy", folder["none"], "--index", "exact").Error, Does.Contain("searches a graph"));
    }
}
