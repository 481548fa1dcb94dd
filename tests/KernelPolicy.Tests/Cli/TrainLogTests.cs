using System.Text.Json;
using NUnit.Framework;

namespace KernelPolicy.Tests.Cli;

/// <summary>Trainings on logged decisions through the tool.</summary>
internal sealed class TrainLogTests
{
    [Test]
    public void Without_a_log_a_synthetic_one_is_trained_on_and_the_truth_is_shown()
    {
        using TestFolder folder = new();
        ToolRun run = ToolRun.Of("train-log", "--out", folder["run"], "--device", "simd", "--epochs", "2", "--json");
        Assert.That((run.Code, run.Error), Is.EqualTo((0, "")));
        JsonElement report = run.Json;
        JsonElement values = report.GetProperty("true_values");
        double Value(string name) => values.GetProperty(name).GetDouble();
        Assert.Multiple(() =>
        {
            Assert.That(report.GetProperty("decisions").GetInt32(), Is.EqualTo(20_000));
            Assert.That(Value("uniform"), Is.LessThan(Value("logging")));
            Assert.That(Value("policy"), Is.GreaterThan(Value("logging")).And.LessThan(Value("best")));
            Assert.That(File.ReadAllText(folder["run/report.json"]), Is.EqualTo(run.Output));
            Assert.That(File.Exists(folder["run/learning-curve.png"]) && File.Exists(folder["run/learning-curve.svg"]));
        });
    }

    [Test]
    public void The_truth_is_shown_to_people_too()
    {
        using TestFolder folder = new();
        ToolRun run = ToolRun.Of("train-log", "--out", folder["run"], "--device", "simd", "--epochs", "1");
        Assert.That(run.Code, Is.Zero, run.Error);
        string[] rows = [.. run.Output.Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0)];
        foreach (string policy in (string[])["uniform", "logging policy", "trained policy", "best possible"])
            Assert.That(rows, Has.Some.Matches<string>(row => System.Text.RegularExpressions.Regex.IsMatch(row, $@"^{policy}\s+\S*0\.\d+")), policy);
    }

    /// <summary>What it says of its course has the names that train's JSON has, the audits of the gradient among them.</summary>
    [Test]
    public void Its_json_has_the_names_that_every_training_shares()
    {
        using TestFolder folder = new();
        ToolRun run = ToolRun.Of(folder.TrainLog(
            folder.BanditLog(), "run", "--json", "--estimator", "mixture", "--samples", "8", "--top-k", "4", "--bias-audit", "20",
            "--bias-audit-repetitions", "4"));
        JsonElement report = run.Json;
        string[] shared =
        [
            "items", "dim", "estimator", "estimator_settings", "objective", "device", "device_reason", "runner", "top_k_by", "index",
            "index_ef_search", "index_audits", "index_warnings", "gradient_audits", "seed", "threads", "steps", "train_seconds", "ms_per_step",
            "total_seconds", "initial_validation_reward", "best_epoch", "stopped_early", "epochs", "policy_file", "learning_curve_file",
        ];
        Assert.Multiple(() =>
        {
            Assert.That(shared.Except(report.EnumerateObject().Select(property => property.Name)), Is.Empty);
            Assert.That(
                report.GetProperty("gradient_audits").EnumerateArray().Select(a => a.GetProperty("epoch").GetInt32()),
                Is.EqualTo(new[] { 0, 1, 2, 3 }));
        });
    }

    [Test]
    public void The_table_has_estimates_warnings_and_files()
    {
        using TestFolder folder = new();
        ToolRun run = ToolRun.Of(folder.TrainLog(folder.BanditLog(), "run"));
        Assert.Multiple(() =>
        {
            Assert.That(run.Code, Is.Zero, run.Error);
            Assert.That(run.Output, Does.Contain("self-normalised IPS").And.Contain("doubly robust").And.Contain("logging policy, its mean reward"));
            Assert.That(run.Output, Does.Contain("Warning: The effective sample size").And.Contain("policy.kp"));
            Assert.That(run.Output, Does.Contain("60 test decisions, logged propensities"));
            Assert.That(run.Error, Does.Contain("600 decisions over 12 items").And.Contain("epoch 3 of 3"));
            Assert.That(run.Output + run.Error, Does.Not.Contain('\u001b'));
        });
    }

    [TestCase("ips", "IPS", new string[0])]
    [TestCase("clipped", "clipped IPS, τ = 0.05", new[] { "--clip", "0.05" })]
    [TestCase("self-normalised", "self-normalised IPS; translated by 0.1", new[] { "--translation", "0.1" })]
    [TestCase("implicit-exploration", "implicit exploration, γ = 0.02", new[] { "--gamma", "0.02" })]
    [TestCase("exponential", "exponential smoothing, α = 0.7", new[] { "--alpha", "0.7" })]
    [TestCase("logarithmic", "logarithmic smoothing, λ = 0.5", new[] { "--lambda", "0.5" })]
    [TestCase("dr", "doubly robust by IPS; ridge, penalty 0.001, cross-fitted in 5 folds", new string[0])]
    [TestCase("clipped-dr", "doubly robust by clipped IPS, τ = 0.1; logistic", new[] { "--clip", "0.1", "--reward-model", "logistic", "--folds", "2" })]
    public void Each_reward_trains_and_is_named_in_the_report(string reward, string words, string[] options)
    {
        using TestFolder folder = new();
        ToolRun run = ToolRun.Of([.. folder.TrainLog(folder.BanditLog(), "run", "--reward", reward, "--json"), .. options]);
        Assert.That((run.Code, run.Error), Is.EqualTo((0, "")));
        Assert.That(run.Json.GetProperty("reward").GetString(), Does.StartWith(words));
    }

    [Test]
    public void A_parameter_that_is_not_given_follows_from_the_number_of_decisions()
    {
        using TestFolder folder = new();
        ToolRun run = ToolRun.Of(folder.TrainLog(folder.BanditLog("decisions.csv", "--decisions", "500"), "run", "--reward", "clipped", "--json"));
        // 400 decisions of 500 are trained on.
        Assert.That(run.Json.GetProperty("reward").GetString(), Is.EqualTo("clipped IPS, τ = 0.05"));
    }

    [TestCase("exact", "ips")]
    [TestCase("strata", "dr")]
    public void A_training_that_was_stopped_goes_on_to_the_same_policy(string estimator, string reward)
    {
        using TestFolder folder = new();
        string log = folder.BanditLog();
        string[] how = ["--estimator", estimator, "--top-k", "3", "--tail", "4", "--reward", reward, "--kl-weight", "0.01"];
        Assert.That(ToolRun.Of(folder.TrainLog(log, "whole", how)).Code, Is.Zero);

        string[] parts = folder.TrainLog(log, "parts", how);
        using CancellationTokenSource source = new();
        ToolRun stopped = ToolRun.Of(parts, new StoppingWriter("epoch 2 of 3", source), source.Token);
        Assert.Multiple(() =>
        {
            Assert.That((stopped.Code, stopped.Output), Is.EqualTo((130, "")));
            Assert.That(stopped.Error, Does.Contain("--resume").And.Contain("checkpoint"));
            Assert.That(File.Exists(folder["parts/policy.kp"]), Is.False);
        });
        Assert.That(ToolRun.Of([.. parts, "--resume", "--threads", "3"]).Code, Is.Zero);
        Assert.That(File.ReadAllBytes(folder["parts/policy.kp"]), Is.EqualTo(File.ReadAllBytes(folder["whole/policy.kp"])));
    }

    [Test]
    public void Fitted_propensities_are_marked_as_such()
    {
        using TestFolder folder = new();
        JsonElement report = ToolRun.Of(folder.TrainLog(folder.WithoutPropensities(), "run", "--fit-propensities", "--json")).Json;
        Assert.Multiple(() =>
        {
            Assert.That(report.GetProperty("propensities").GetString(), Is.EqualTo("fitted"));
            // Better than even, and no likelihood is above 1.
            Assert.That(report.GetProperty("propensity_log_likelihood").GetDouble(), Is.InRange(-Math.Log(12), 0));
            Assert.That(
                report.GetProperty("evaluation").GetProperty("warnings").EnumerateArray().Select(w => w.GetProperty("kind").GetString()),
                Does.Contain("fitted_propensities"));
        });
    }

    [Test]
    public void Histories_are_contexts_and_the_policy_recommends_to_them()
    {
        using TestFolder folder = new();
        ToolRun run = ToolRun.Of(folder.TrainLog(
            folder.HistoryLog(), "run", "--dim", "6", "--epochs", "40", "--learning-rate", "0.1", "--split-by-time", "--json"));
        Assert.That((run.Code, run.Error), Is.EqualTo((0, "")));
        JsonElement report = run.Json;
        Assert.That(report.GetProperty("contexts").GetString(), Is.EqualTo("histories"));
        JsonElement list = ToolRun.Of("recommend", "--policy", folder["run"], "--history", "i1", "i2", "--count", "2", "--json")
            .Json.GetProperty("recommendations")[0];
        Assert.That(list.GetProperty("items")[0].GetProperty("id").GetString(), Is.EqualTo("i3"));
    }

    [Test]
    public void Features_of_one_context_are_encoded_as_those_of_the_training()
    {
        using TestFolder folder = new();
        string log = folder["categories.csv"];
        File.WriteAllLines(log, ["action,reward,propensity,feature_city", .. Enumerable.Range(0, 200).Select(
            row => $"{(row % 2 == 0 ? "tea" : "coffee")},{(row % 2 == row / 2 % 2 ? 1 : 0)},0.5,{(row / 2 % 2 == 0 ? "London" : "Oslo")}")]);
        ToolRun trained = ToolRun.Of(folder.TrainLog(log, "run", "--epochs", "30", "--learning-rate", "0.05"));
        Assert.That(trained.Code, Is.Zero, trained.Error);
        ToolRun Recommend(params string[] features) =>
            ToolRun.Of(["recommend", "--policy", folder["run"], "--count", "1", "--json", .. features]);
        string? Best(string city) => Recommend("--feature", $"feature_city={city}")
            .Json.GetProperty("recommendations")[0].GetProperty("items")[0].GetProperty("id").GetString();
        Assert.Multiple(() =>
        {
            Assert.That(Best("London"), Is.EqualTo("tea"));
            Assert.That(Best("Oslo"), Is.EqualTo("coffee"));
            Assert.That(
                Recommend("--feature", "feature_city=Rome").Json.GetProperty("recommendations")[0].GetProperty("unknown")[0].GetString(),
                Is.EqualTo("feature_city=Rome"));
            ToolRun other = Recommend("--feature", "age=3");
            Assert.That((other.Code, other.Output), Is.EqualTo((2, "")));
            Assert.That(other.Error, Does.Contain("no feature 'age'").And.Contain("feature_city"));
            Assert.That(Recommend("--history", "tea").Error, Does.Contain("--feature, with feature_city=VALUE"));
        });
    }

    [Test]
    public void Item_features_are_padded_to_the_contexts()
    {
        using TestFolder folder = new();
        JsonElement report = ToolRun.Of(
            folder.TrainLog(folder.BanditLog(), "run", "--item-features", folder["items.csv"], "--json")).Json;
        // Three features and the intercept.
        Assert.That((report.GetProperty("dim").GetInt32(), report.GetProperty("features").GetInt32()), Is.EqualTo((4, 4)));
    }

    [Test]
    public void A_reference_of_the_same_items_is_stayed_near()
    {
        using TestFolder folder = new();
        string log = folder.BanditLog();
        Assert.That(ToolRun.Of(folder.TrainLog(log, "first")).Code, Is.Zero);
        ToolRun run = ToolRun.Of(folder.TrainLog(
            log, "second", "--objective", "log-likelihood", "--kl-weight", "0.1", "--reference", folder["first"], "--json"));
        Assert.That((run.Code, run.Error), Is.EqualTo((0, "")));
        Assert.That(run.Json.GetProperty("objective").GetString(), Is.EqualTo($"log-likelihood, less 0.1 KL to {folder["first"]}"));
    }
}
