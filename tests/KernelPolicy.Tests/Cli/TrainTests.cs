using System.Text.Json;
using KernelPolicy.Kernels;
using NUnit.Framework;

namespace KernelPolicy.Tests.Cli;

/// <summary>The main job through the tool, on a log small enough for a test.</summary>
internal sealed class TrainTests
{
    private static readonly string[] Kept =
    [
        "items", "users", "steps", "train_seconds", "ms_per_step", "test_reward_exact", "test_reward_index", "initial_test_reward", "epochs",
        "runner", "device", "device_reason", "top_k_by", "launches_per_step", "up_bytes_per_step", "down_bytes_per_step",
    ];

    [Test]
    public void Json_is_one_object_alone_with_the_names_that_stay()
    {
        using TestFolder folder = new();
        ToolRun run = ToolRun.Of(Train(folder, "run", "--json"));
        Assert.That((run.Code, run.Error), Is.EqualTo((0, "")));
        JsonElement report = run.Json;
        Assert.Multiple(() =>
        {
            foreach (string name in Kept)
                Assert.That(report.TryGetProperty(name, out _), name);
            Assert.That(report.GetProperty("items").GetInt32(), Is.InRange(2, 120));
            Assert.That(report.GetProperty("steps").GetInt64(), Is.EqualTo(3 * 8));
            Assert.That(report.GetProperty("epochs").GetArrayLength(), Is.EqualTo(3));
            foreach (JsonElement epoch in report.GetProperty("epochs").EnumerateArray())
            {
                Assert.That(epoch.GetProperty("seconds").GetDouble(), Is.Positive);
                Assert.That(epoch.GetProperty("validation_reward").GetDouble(), Is.InRange(0, 1));
            }

            Assert.That(report.GetProperty("best_possible_test_reward").ValueKind, Is.EqualTo(JsonValueKind.Null));
            Assert.That(File.ReadAllText(folder["run/report.json"]), Is.EqualTo(run.Output));
        });
    }

    [Test]
    public void The_gradient_is_audited_before_the_first_epoch_and_after_each()
    {
        using TestFolder folder = new();
        ToolRun run = ToolRun.Of(Train(
            folder, "run", "--json", "--verbose", "--estimator", "mixture", "--epsilon", "auto", "--samples", "40", "--top-k", "10",
            "--bias-audit", "20", "--bias-audit-repetitions", "4"));
        JsonElement[] audits = [.. run.Json.GetProperty("gradient_audits").EnumerateArray()];
        Assert.Multiple(() =>
        {
            Assert.That(audits.Select(a => a.GetProperty("epoch").GetInt32()), Is.EqualTo(new[] { 0, 1, 2, 3 }));
            Assert.That(audits.Select(a => a.GetProperty("squared_error").GetDouble()), Has.All.Positive);
            Assert.That(run.Error, Does.Contain("gradient before training: relative error").And.Contain("gradient after epoch 3: relative error"));
            Assert.That(run.Error, Does.Match(@"epoch 3 of 3: .*, ε 0\.\d\d"));
            Assert.That(run.Json.GetProperty("estimator_settings").GetString(), Does.Contain("ε = auto"));
            Assert.That(File.Exists(folder["run/learning-curve.png"]) && File.Exists(folder["run/learning-curve.svg"]));
        });
    }

    [Test]
    public void Verbose_shows_progress_beside_json()
    {
        using TestFolder folder = new();
        ToolRun run = ToolRun.Of(Train(folder, "run", "--json", "--verbose"));
        Assert.That(run.Json.GetProperty("steps").GetInt64(), Is.Positive);
        Assert.That(run.Error, Does.Contain("epoch 3 of 3: validation reward"));
    }

    [Test]
    public void Without_json_results_are_a_table_and_progress_is_plain_lines()
    {
        using TestFolder folder = new();
        ToolRun run = ToolRun.Of(Train(folder, "run"));
        Assert.Multiple(() =>
        {
            Assert.That(run.Code, Is.Zero);
            Assert.That(run.Output, Does.Contain("before training").And.Contain("after training").And.Contain("most popular item"));
            Assert.That(run.Output, Does.Contain($" on simd {SimdPath.Width};"));
            Assert.That(run.Error, Does.Contain("interactions:").And.Contain("epoch 1 of 3"));
            Assert.That(run.Output + run.Error, Does.Not.Contain('\u001b'));
            Assert.That(File.Exists(folder["run/learning-curve.png"]) && File.Exists(folder["run/learning-curve.svg"]));
        });
    }

    [TestCase("exact")]
    [TestCase("mixture")]
    public void A_training_that_was_stopped_goes_on_to_the_same_policy(string estimator)
    {
        using TestFolder folder = new();
        string[] whole = Train(folder, "whole", "--estimator", estimator, "--samples", "40", "--top-k", "10");
        Assert.That(ToolRun.Of(whole).Code, Is.Zero);

        string[] parts = Train(folder, "parts", "--estimator", estimator, "--samples", "40", "--top-k", "10");
        using CancellationTokenSource source = new();
        ToolRun stopped = ToolRun.Of(parts, new StoppingWriter("epoch 2 of 3", source), source.Token);
        Assert.Multiple(() =>
        {
            Assert.That((stopped.Code, stopped.Output), Is.EqualTo((130, "")));
            Assert.That(stopped.Error, Does.Contain("--resume").And.Contain("checkpoint"));
            Assert.That(File.Exists(folder["parts/checkpoint.kp"]));
            Assert.That(File.Exists(folder["parts/policy.kp"]), Is.False);
        });

        Assert.That(ToolRun.Of([.. parts, "--resume"]).Code, Is.Zero);
        Assert.That(File.ReadAllBytes(folder["parts/policy.kp"]), Is.EqualTo(File.ReadAllBytes(folder["whole/policy.kp"])));
    }

    [Test]
    public void Resume_before_the_first_checkpoint_starts_from_the_beginning()
    {
        using TestFolder folder = new();
        ToolRun run = ToolRun.Of(Train(folder, "run", "--resume"));
        Assert.That(run.Code, Is.Zero);
        Assert.That(run.Error, Does.Contain("no checkpoint"));
    }

    [Test]
    public void A_mistyped_file_leaves_an_earlier_checkpoint_alone()
    {
        using TestFolder folder = new();
        Assert.That(ToolRun.Of(Train(folder, "run")).Code, Is.Zero);
        byte[] checkpoint = File.ReadAllBytes(folder["run/checkpoint.kp"]);
        Assert.That(ToolRun.Of("train", "--data", folder["lgo.csv"], "--out", folder["run"]).Code, Is.EqualTo(1));
        Assert.That(File.ReadAllBytes(folder["run/checkpoint.kp"]), Is.EqualTo(checkpoint));
    }

    [Test]
    public void Resume_with_other_options_is_refused()
    {
        using TestFolder folder = new();
        Assert.That(ToolRun.Of(Train(folder, "run")).Code, Is.Zero);
        ToolRun run = ToolRun.Of(Train(folder, "run", "--resume", "--seed", "2"));
        Assert.That((run.Code, run.Output), Is.EqualTo((1, "")));
        Assert.That(run.Error, Does.Contain("another training"));
    }

    [Test]
    public void Threads_do_not_change_the_policy()
    {
        using TestFolder folder = new();
        Assert.That(ToolRun.Of(Train(folder, "one", "--threads", "1")).Code, Is.Zero);
        Assert.That(ToolRun.Of(Train(folder, "three", "--threads", "3")).Code, Is.Zero);
        Assert.That(File.ReadAllBytes(folder["one/policy.kp"]), Is.EqualTo(File.ReadAllBytes(folder["three/policy.kp"])));
    }

    internal static string[] Train(TestFolder folder, string run, params string[] more) =>
    [
        "train", "--data", File.Exists(folder["log.csv"]) ? folder["log.csv"] : folder.Log(), "--out", folder[run],
        "--device", "simd", "--dim", "8", "--epochs", "3", "--batch-size", "16", "--learning-rate", "0.01", .. more,
    ];
}
