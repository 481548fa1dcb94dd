using System.Globalization;
using System.Text.Json;
using NUnit.Framework;

namespace KernelPolicy.Tests.Cli;

/// <summary>Off-policy evaluation through the tool.</summary>
internal sealed class EvaluateLogTests
{
    [TestCase("features")]
    [TestCase("histories")]
    public void A_policy_is_evaluated_on_the_test_decisions_of_its_training(string contexts)
    {
        using TestFolder folder = new();
        string log = contexts == "features" ? folder.BanditLog() : folder.HistoryLog();
        JsonElement trained = ToolRun.Of(folder.TrainLog(log, "run", "--dim", "4", "--json")).Json;
        ToolRun run = ToolRun.Of("evaluate-log", "--policy", folder["run"], "--bootstrap", "100", "--json");
        Assert.That((run.Code, run.Error), Is.EqualTo((0, "")));
        Assert.Multiple(() =>
        {
            Assert.That(run.Json.GetProperty("part").GetString(), Is.EqualTo("test"));
            Assert.That(run.Json.GetProperty("evaluation").GetRawText(), Is.EqualTo(trained.GetProperty("evaluation").GetRawText()));
        });

        // The same file by its name is the training's own.
        JsonElement named = ToolRun.Of("evaluate-log", "--policy", folder["run"], "--log", log, "--bootstrap", "100", "--json").Json;
        Assert.That(named.GetProperty("evaluation").GetRawText(), Is.EqualTo(trained.GetProperty("evaluation").GetRawText()));
        JsonElement all = ToolRun.Of("evaluate-log", "--policy", folder["run"], "--decisions", "all", "--bootstrap", "0", "--json").Json;
        Assert.That(all.GetProperty("decisions").GetInt32(), Is.EqualTo(trained.GetProperty("decisions").GetInt32()));
    }

    [Test]
    public void Another_log_over_the_same_items_is_evaluated_whole()
    {
        using TestFolder folder = new();
        Assert.That(ToolRun.Of(folder.TrainLog(folder.BanditLog(), "run")).Code, Is.Zero);
        string other = folder.BanditLog("other.csv", "--decisions", "300");
        JsonElement report = ToolRun.Of("evaluate-log", "--policy", folder["run"], "--log", other, "--bootstrap", "0", "--json").Json;
        Assert.That(
            (report.GetProperty("part").GetString(), report.GetProperty("decisions").GetInt32()), Is.EqualTo(("all", 300)));
    }

    [Test]
    public void The_probabilities_of_the_logging_policy_give_its_own_mean_reward()
    {
        using TestFolder folder = new();
        JsonElement report = ToolRun.Of(
            "evaluate-log", "--log", folder.BanditLog(), "--probabilities-column", "propensity", "--bootstrap", "0", "--json").Json;
        double mean = report.GetProperty("logging_value").GetDouble();
        Dictionary<string, JsonElement> estimates = report.GetProperty("evaluation").GetProperty("estimates").EnumerateArray()
            .ToDictionary(e => e.GetProperty("estimator").GetString()!);
        Assert.Multiple(() =>
        {
            // The column is read in single precision: each weight is 1 within 2⁻²⁴, the quotient of two such sums within twice that.
            double tolerance = 2.1 * Math.Pow(2, -24) * mean;
            foreach (string name in new[] { "ips", "self_normalised_ips", "clipped_ips" })
                Assert.That(estimates[name].GetProperty("value").GetDouble(), Is.EqualTo(mean).Within(tolerance), name);
            Assert.That(estimates.Keys, Does.Not.Contain("direct_method"));
            Assert.That(estimates["ips"].GetProperty("bootstrap").ValueKind, Is.EqualTo(JsonValueKind.Null));
        });
    }

    [Test]
    public void The_uniform_policy_is_evaluated_with_a_model()
    {
        using TestFolder folder = new();
        ToolRun run = ToolRun.Of(
            "evaluate-log", "--log", folder.BanditLog(), "--uniform", "--confidence", "0.9", "--largest-reward", "1", "--clip", "0.01");
        Assert.Multiple(() =>
        {
            Assert.That(run.Code, Is.Zero, run.Error);
            Assert.That(run.Output, Does.Contain("90 % interval").And.Contain("direct method").And.Contain("π/max(0.01, p)"));
            Assert.That(run.Output, Does.Contain("uniform on 600 decisions (all) over 12 items, logged propensities"));
        });
    }

    [Test]
    public void Ips_of_the_uniform_policy_is_that_of_the_file()
    {
        using TestFolder folder = new();
        string log = folder.BanditLog();
        JsonElement report = ToolRun.Of(
            "evaluate-log", "--log", log, "--uniform", "--reward-model", "none", "--bootstrap", "0", "--json").Json;
        double[][] rows =
        [
            .. File.ReadLines(log).Skip(1).Select(line => line.Split(',').Skip(1).Take(2).Select(text => double.Parse(text, CultureInfo.InvariantCulture)).ToArray()),
        ];
        double expected = rows.Average(row => row[0] / row[1] / 12);
        double value = report.GetProperty("evaluation").GetProperty("estimates").EnumerateArray()
            .Single(e => e.GetProperty("estimator").GetString() == "ips").GetProperty("value").GetDouble();
        // 600 terms of double precision, each through a logarithm and an exponential.
        Assert.That(value, Is.EqualTo(expected).Within(1e-12 * expected));
    }

    [Test]
    public void Estimated_probabilities_of_a_whole_catalogue_are_the_exact_ones()
    {
        using TestFolder folder = new();
        Assert.That(ToolRun.Of(folder.TrainLog(folder.BanditLog(), "run")).Code, Is.Zero);
        double Value(params string[] how) => ToolRun.Of(["evaluate-log", "--policy", folder["run"], "--bootstrap", "0", "--json", .. how])
            .Json.GetProperty("evaluation").GetProperty("estimates").EnumerateArray()
            .Single(e => e.GetProperty("estimator").GetString() == "ips").GetProperty("value").GetDouble();
        double exact = Value("--probabilities", "exact");
        // Scores in single precision are summed in another order: a few of its roundings, ε = 6e-8, times |h·β| of order 1.
        Assert.That(Value("--probabilities", "estimated", "--top-k", "3", "--tail", "20"), Is.EqualTo(exact).Within(1e-5 * exact));
        Assert.That(Value("--probabilities", "estimated", "--top-k", "2", "--tail", "2"), Is.Not.EqualTo(exact));
    }
}
