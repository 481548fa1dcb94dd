using System.Text.Json;
using KernelPolicy.Cli.Display;
using KernelPolicy.Index;
using KernelPolicy.Policy;
using NUnit.Framework;
using Spectre.Console;

namespace KernelPolicy.Tests.Cli;

/// <summary>What the tool says of an index that it guards: keys, lines and warnings.</summary>
internal sealed class GuardedTrainTests
{
    // Two links an item are too few for every one of the best 30; and ef 30 is wider than the 15 by which a quarter of the
    // 120 items would be scored, so that the guard can only fall back.
    private static readonly string[] PoorGraph =
    [
        "--estimator", "mixture", "--samples", "40", "--top-k", "30", "--index", "hnsw", "--hnsw-m", "2", "--ef-construction", "1",
        "--ef-search", "1", "--recall-bound", "1",
    ];

    private static readonly RecallResult Found = new(128, 256, 0.9, 0.9309, 0.5, 0.99);

    [Test]
    public void Json_tells_of_every_audit_and_what_was_done()
    {
        using TestFolder folder = new();
        ToolRun run = ToolRun.Of(TrainTests.Train(folder, "run", [.. PoorGraph, "--json", "--audit-queries", "50"]));
        Assert.That((run.Code, run.Error), Is.EqualTo((0, "")));
        JsonElement report = run.Json;
        JsonElement[] audits = [.. report.GetProperty("index_audits").EnumerateArray()];
        Assert.Multiple(() =>
        {
            Assert.That(audits.Select(audit => audit.GetProperty("epoch").GetInt32()), Is.EqualTo(new[] { 0, 1, 2, 3 }));
            Assert.That(audits.Select(audit => audit.GetProperty("step").GetInt64()), Is.EqualTo(new[] { 0, 8, 16, 24 }));
            foreach (JsonElement check in audits.Select(audit => audit.GetProperty("check")))
            {
                Assert.That(check.GetProperty("action").GetString(), Is.AnyOf("kept", "widened", "fell_back_to_exact"));
                Assert.That(check.GetProperty("before").GetProperty("queries").GetInt32(), Is.EqualTo(50));
                Assert.That(check.GetProperty("before").GetProperty("k").GetInt32(), Is.EqualTo(30));
                Assert.That(check.GetProperty("after").GetProperty("mass_recall").GetDouble(), Is.EqualTo(1));
                Assert.That(check.TryGetProperty("ef_before", out _) && check.TryGetProperty("ef_after", out _));
            }

            int acted = audits.Count(audit => audit.GetProperty("check").GetProperty("has_acted").GetBoolean());
            Assert.That(acted, Is.Positive, "the graph is too good to show anything");
            Assert.That(report.GetProperty("index_warnings").GetArrayLength(), Is.EqualTo(acted));
            Assert.That(report.GetProperty("index_warnings")[0].GetString(), Does.StartWith("recall 0.").And.Contain("of the softmax mass at ef 30 "));
            Assert.That(report.TryGetProperty("index_ef_search", out _));
            foreach (JsonElement epoch in report.GetProperty("epochs").EnumerateArray())
            {
                foreach (string name in new[] { "index_recall", "index_mass_recall", "ef_search", "index_action" })
                    Assert.That(epoch.TryGetProperty(name, out _), name);
            }
        });
    }

    [Test]
    public void Warnings_stand_among_the_progress_and_under_the_table()
    {
        using TestFolder folder = new();
        ToolRun run = ToolRun.Of(TrainTests.Train(folder, "run", PoorGraph));
        Assert.That(run.Code, Is.Zero, run.Error);
        Assert.That(run.Error, Does.Contain("warning: recall 0."));
        Assert.That(run.Output, Does.Contain("Index: recall 0."));
    }

    [TestCase("--recall-bound", "0")]
    [TestCase("--audit-queries", "0")]
    public void Switched_off_nothing_is_done(string option, string value)
    {
        bool isAudited = option == "--recall-bound";
        using TestFolder folder = new();
        ToolRun run = ToolRun.Of(TrainTests.Train(folder, "run", [.. isAudited ? PoorGraph[..^2] : PoorGraph, option, value, "--json"]));
        Assert.That(run.Code, Is.Zero, run.Error);
        JsonElement report = run.Json;
        Assert.Multiple(() =>
        {
            Assert.That(report.GetProperty("index_warnings").GetArrayLength(), Is.Zero);
            Assert.That(report.GetProperty("index_ef_search").GetInt32(), Is.EqualTo(1));
            Assert.That(report.GetProperty("index_audits").GetArrayLength(), Is.EqualTo(isAudited ? 4 : 0));
            JsonElement epoch = report.GetProperty("epochs")[0];
            Assert.That(epoch.GetProperty("index_action").GetString(), Is.EqualTo(isAudited ? "measured" : null));
            Assert.That(epoch.GetProperty("index_recall").ValueKind, Is.EqualTo(isAudited ? JsonValueKind.Number : JsonValueKind.Null));
        });
    }

    [Test]
    public void A_guarded_training_that_was_stopped_goes_on_to_the_same_policy()
    {
        using TestFolder folder = new();
        Assert.That(ToolRun.Of(TrainTests.Train(folder, "whole", PoorGraph)).Code, Is.Zero);
        string[] parts = TrainTests.Train(folder, "parts", PoorGraph);
        using CancellationTokenSource source = new();
        Assert.That(ToolRun.Of(parts, new StoppingWriter("epoch 2 of 3", source), source.Token).Code, Is.EqualTo(130));
        ToolRun resumed = ToolRun.Of([.. parts, "--resume", "--json"]);
        Assert.That(resumed.Code, Is.Zero, resumed.Error);
        Assert.That(File.ReadAllBytes(folder["parts/policy.kp"]), Is.EqualTo(File.ReadAllBytes(folder["whole/policy.kp"])));
        Assert.That(resumed.Json.GetProperty("index_audits").GetArrayLength(), Is.EqualTo(4));
    }

    [Test]
    public void The_graph_is_kept_with_the_ef_of_the_training_s_end()
    {
        using TestFolder folder = new();
        string[] options = ["--estimator", "mixture", "--samples", "40", "--top-k", "30", "--index", "hnsw", "--ef-search", "1", "--recall-bound", "0.01"];
        Assert.That(ToolRun.Of(TrainTests.Train(folder, "run", [.. options, "--json"])).Json.GetProperty("index_ef_search").GetInt32(), Is.EqualTo(30));
        Assert.That(File.Exists(folder["run/index.kp"]));
        ToolRun asTrained = ToolRun.Of("evaluate", "--policy", folder["run"], "--index", "hnsw", "--json");
        ToolRun asAsked = ToolRun.Of("evaluate", "--policy", folder["run"], "--index", "hnsw", "--json", "--ef-search", "30");
        Assert.That(asTrained.Code, Is.Zero, asTrained.Error);
        Assert.That(asTrained.Output, Is.EqualTo(asAsked.Output));
    }

    [TestCase("--recall-bound", "1.5", "from 0 to 1")]
    [TestCase("--audit-queries", "-1", "from 0 to 1000000")]
    [TestCase("--audit-every", "x", "a whole number")]
    public void Options_out_of_range_are_refused(string option, string value, string range)
    {
        ToolRun run = ToolRun.Of("train", option, value);
        Assert.That(run.Code, Is.EqualTo(2));
        Assert.That(run.Error, Does.Contain(option).And.Contain(range));
    }

    [Test]
    public void Warnings_say_what_was_found_when_and_what_was_done()
    {
        RecallResult better = Found with { MassRecall = 0.9949 };
        RecallCheck widened = new(GuardAction.Widened, 64, Found, 256, 0.9949, 256, better);
        RecallCheck fell = new(GuardAction.FellBackToExact, 256, Found, 320, 0.9509, null, better);
        Assert.Multiple(() =>
        {
            Assert.That(
                AuditText.Warning(new IndexAudit(2, 100, widened)),
                Is.EqualTo("recall 0.930 of the softmax mass at ef 64 after epoch 2: ef raised to 256 (0.994)"));
            Assert.That(
                AuditText.Warning(new IndexAudit(0, 0, fell)),
                Is.EqualTo("recall 0.930 of the softmax mass at ef 256 before training: fell back to the exact scan because "
                    + "even ef 320 finds only 0.950, and a wider search would cost more"));
            Assert.That(
                AuditText.Warning(new IndexAudit(null, 1234, fell with { EfTried = 256 })),
                Is.EqualTo("recall 0.930 of the softmax mass at ef 256 after step 1,234: fell back to the exact scan because "
                    + "a wider search would cost more"));
            Assert.That(AuditText.Share(0.98999), Is.EqualTo("0.989"));
            Assert.That(AuditText.Share(0.994), Is.EqualTo("0.994"));
        });
    }

    [Test]
    public void On_a_terminal_epochs_show_recall_and_warnings_stay()
    {
        StringWriter writer = new();
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.Yes, Interactive = InteractionSupport.Yes, Out = new AnsiConsoleOutput(writer),
        });
        RecallCheck widened = new(GuardAction.Widened, 64, Found, 256, 0.9949, 256, Found);
        TrainingProgress at = new(1, 4, 100, 400, 10, default, null);
        new LiveRunDisplay(console).Show(progress =>
        {
            progress.Begin("training");
            progress.Report(at with { Audit = new IndexAudit(1, 100, widened) });
            progress.Report(at with { Completed = new EpochResult(1, 2.5, 0.13, 0.1, 5, 0, 0.9, 0.9309, 64, GuardAction.Widened) });
            progress.End("done");
            return 0;
        });
        Assert.That(writer.ToString(), Does.Contain("index recall").And.Contain("0.930").And.Contain("ef raised to 256"));
    }
}
