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
    public void What_the_training_left_is_not_overwritten()
    {
        using TestFolder folder = new();
        Assert.That(ToolRun.Of(TrainTests.Train(folder, "run")).Code, Is.Zero);
        string policy = Path.Combine(folder["run"], "policy.kp");
        byte[] before = File.ReadAllBytes(policy);
        ToolRun run = ToolRun.Of("bundle", "--policy", folder["run"], "--out", Path.Combine(folder["run"], "..", "run", "policy.kp"));
        Assert.That(run.Code, Is.Not.Zero);
        Assert.That(run.Error, Does.Contain("a file of the training itself"));
        Assert.That(File.ReadAllBytes(policy), Is.EqualTo(before));
        foreach (string none in (string[])["", folder["run"], folder["run"] + "/"])
            Assert.That(ToolRun.Of("bundle", "--policy", folder["run"], "--out", none).Error, Does.Contain("it must name a file"));
    }

    [Test]
    public void Codes_alone_make_a_smaller_bundle_that_recommends()
    {
        using TestFolder folder = new();
        Assert.That(ToolRun.Of(TrainTests.Train(folder, "run")).Code, Is.Zero);
        ToolRun vectors = ToolRun.Of("bundle", "--policy", folder["run"], "--json");
        ToolRun codes = ToolRun.Of("bundle", "--policy", folder["run"], "--codes-only", "--out", folder["codes.kpolicy"], "--json");
        Assert.That((codes.Code, codes.Error), Is.EqualTo((0, "")));
        Assert.That(codes.Json.GetProperty("bytes").GetInt64(), Is.LessThan(vectors.Json.GetProperty("bytes").GetInt64()));
        using ServingBundle bundle = ServingBundle.Open(folder["codes.kpolicy"]);
        Assert.That(bundle.Holds, Is.EqualTo(BundleItems.Codes));
    }

    [Test]
    public void Mistakes_are_named()
    {
        using TestFolder folder = new();
        Assert.That(ToolRun.Of("bundle", "--policy", folder["none"]).Error, Does.Contain("no folder or file"));
        Assert.That(ToolRun.Of("bundle", "--policy", folder["none"], "--index", "exact").Error, Does.Contain("searches a graph"));
    }
}
