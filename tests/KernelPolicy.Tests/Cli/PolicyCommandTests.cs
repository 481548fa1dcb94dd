using System.Text.Json;
using NUnit.Framework;

namespace KernelPolicy.Tests.Cli;

/// <summary>What can be done with a trained policy.</summary>
internal sealed class PolicyCommandTests
{
    [TestCase("exact")]
    [TestCase("hnsw")]
    public void Evaluation_finds_the_test_users_of_the_training(string index)
    {
        using TestFolder folder = new();
        JsonElement trained = ToolRun.Of(TrainTests.Train(folder, "run", "--index", index, "--json")).Json;
        JsonElement evaluated = ToolRun.Of("evaluate", "--policy", folder["run"], "--json").Json;
        Assert.Multiple(() =>
        {
            Assert.That(evaluated.GetProperty("users").GetInt32(), Is.EqualTo(trained.GetProperty("test_users").GetInt32()));
            Assert.That(evaluated.GetProperty("reward_exact").GetDouble(), Is.EqualTo(trained.GetProperty("test_reward_exact").GetDouble()));
            Assert.That(evaluated.GetProperty("index").GetString(), Is.EqualTo(index));
            Assert.That(
                evaluated.GetProperty("popularity_reward").GetDouble(),
                Is.EqualTo(trained.GetProperty("popularity_test_reward").GetDouble()));
        });
    }

    [Test]
    public void Evaluation_on_other_data_counts_what_the_policy_does_not_know()
    {
        using TestFolder folder = new();
        Assert.That(ToolRun.Of(TrainTests.Train(folder, "run")).Code, Is.Zero);
        string other = folder["other.csv"];
        string log = File.ReadAllText(folder["log.csv"]);
        string known = log.Split('\n')[1].Split(',')[1];
        File.WriteAllText(other, log.Replace($",{known}\n", ",new-item\n", StringComparison.Ordinal));
        JsonElement report = ToolRun.Of("evaluate", "--policy", folder["run"], "--data", other, "--users", "all", "--json").Json;
        Assert.That(report.GetProperty("unknown_items").GetInt32(), Is.EqualTo(1));
        Assert.That(report.GetProperty("users").GetInt32(), Is.Positive);
    }

    [Test]
    public void Recommendations_carry_the_ids_of_the_data_and_leave_out_the_history()
    {
        using TestFolder folder = new();
        Assert.That(ToolRun.Of(TrainTests.Train(folder, "run")).Code, Is.Zero);
        string[] history = [.. File.ReadLines(folder["log.csv"]).Skip(1).Take(3).Select(line => line.Split(',')[1])];
        ToolRun run = ToolRun.Of(["recommend", "--policy", folder["run"], "--count", "5", "--json", "--history", "unheard", .. history]);
        Assert.That((run.Code, run.Error), Is.EqualTo((0, "")));
        JsonElement list = run.Json.GetProperty("recommendations")[0];
        string[] ids = [.. list.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("id").GetString()!)];
        double[] scores = [.. list.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("score").GetDouble())];
        Assert.Multiple(() =>
        {
            Assert.That(ids, Has.Length.EqualTo(5).And.All.StartsWith("item-"));
            Assert.That(ids.Intersect(history), Is.Empty);
            Assert.That(scores, Is.Ordered.Descending);
            Assert.That(list.GetProperty("unknown")[0].GetString(), Is.EqualTo("unheard"));
        });
    }

    [Test]
    public void Histories_come_from_a_file_one_a_line()
    {
        using TestFolder folder = new();
        Assert.That(ToolRun.Of(TrainTests.Train(folder, "run")).Code, Is.Zero);
        string item = File.ReadLines(folder["log.csv"]).Skip(1).First().Split(',')[1];
        File.WriteAllText(folder["histories.txt"], $"{item}\n\n{item} {item}\n");
        ToolRun run = ToolRun.Of("recommend", "--policy", folder["run"], "--histories", folder["histories.txt"], "--json");
        Assert.That(run.Json.GetProperty("recommendations").GetArrayLength(), Is.EqualTo(2));
    }

    [Test]
    public void A_history_of_unknown_items_is_a_failure_that_shows_known_ids()
    {
        using TestFolder folder = new();
        Assert.That(ToolRun.Of(TrainTests.Train(folder, "run")).Code, Is.Zero);
        ToolRun run = ToolRun.Of("recommend", "--policy", folder["run"], "--history", "unheard");
        Assert.That((run.Code, run.Output), Is.EqualTo((1, "")));
        Assert.That(run.Error, Does.Contain("unheard").And.Contain("item-"));
    }
}
