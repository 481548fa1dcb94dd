using System.Text.Json;
using KernelPolicy.Tests.Support;
using NUnit.Framework;

namespace KernelPolicy.Tests.Cli;

/// <summary>The Open Bandit sample through the tool.</summary>
internal sealed class OpenBanditCliTests
{
    [Test]
    public void A_policy_trained_on_the_random_log_is_evaluated_on_that_of_thompson_sampling()
    {
        string[] files = SharedData.Files("open-bandit/random/men.csv.gz", "open-bandit/random/item_context.csv", "open-bandit/bts/men.csv.gz");
        using TestFolder folder = new();
        ToolRun run = ToolRun.Of(folder.TrainLog(
            files[0], "run", "--log-format", "open-bandit", "--item-features", files[1], "--reward", "clipped-dr", "--split-by-time", "--json"));
        Assert.That((run.Code, run.Error), Is.EqualTo((0, "")));
        JsonElement trained = run.Json;
        Assert.Multiple(() =>
        {
            Assert.That((trained.GetProperty("items").GetInt32(), trained.GetProperty("decisions").GetInt32()), Is.EqualTo((34, 10_000)));
            Assert.That(trained.GetProperty("contexts").GetString(), Is.EqualTo("features"));
        });

        // Read as the training's log was: format and encoding come with the policy.
        ToolRun evaluated = ToolRun.Of("evaluate-log", "--policy", folder["run"], "--log", files[2], "--bootstrap", "100", "--json");
        Assert.That((evaluated.Code, evaluated.Error), Is.EqualTo((0, "")));
        Assert.Multiple(() =>
        {
            Assert.That(evaluated.Json.GetProperty("decisions").GetInt32(), Is.EqualTo(10_000));
            Assert.That(evaluated.Json.GetProperty("logging_value").GetDouble(), Is.EqualTo(0.0069).Within(1e-12));
        });
    }

    [Test]
    public void Blind_choice_from_thompson_samplings_log_earns_what_the_random_log_says()
    {
        string[] files = SharedData.Files("open-bandit/bts/men.csv.gz");
        JsonElement report = ToolRun.Of(
            "evaluate-log", "--log", files[0], "--log-format", "open-bandit", "--uniform", "--largest-reward", "1", "--bootstrap", "0", "--json").Json;
        JsonElement bound = report.GetProperty("evaluation").GetProperty("estimates").EnumerateArray()
            .Single(e => e.GetProperty("estimator").GetString() == "logarithmic_smoothing").GetProperty("finite_sample");
        // 46 clicks in 10,000 of the random policy's own log.
        const double Own = 0.0046;
        Assert.Multiple(() =>
        {
            Assert.That(bound.GetProperty("lower").GetDouble(), Is.LessThanOrEqualTo(Own));
            Assert.That(bound.GetProperty("upper").GetDouble(), Is.GreaterThanOrEqualTo(Own));
        });
    }
}
