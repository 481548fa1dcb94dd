using NUnit.Framework;

namespace KernelPolicy.Tests.Cli;

internal sealed class HelpTests
{
    [TestCase("train")]
    [TestCase("evaluate")]
    [TestCase("recommend")]
    [TestCase("bundle")]
    [TestCase("serve-shard")]
    [TestCase("generate")]
    [TestCase("info")]
    [TestCase("bench")]
    [TestCase("train-log")]
    [TestCase("evaluate-log")]
    [TestCase("generate-log")]
    [TestCase("study")]
    public void Help_of_a_command_has_a_purpose_options_and_examples(string command)
    {
        ToolRun run = ToolRun.Of(command, "--help");
        Assert.Multiple(() =>
        {
            Assert.That(run.Code, Is.Zero);
            Assert.That(run.Error, Is.Empty);
            Assert.That(run.Output, Does.Contain("Description:").And.Contain("Options:").And.Contain("--json"));
            Assert.That(run.Output, Does.Contain("Examples:").And.Contain($"kernelpolicy {command}"));
            Assert.That(run.Output, Does.Not.Contain('\u001b'));
        });
    }

    [Test]
    public void Help_of_the_tool_names_its_commands()
    {
        ToolRun run = ToolRun.Of("--help");
        Assert.That(run.Code, Is.Zero);
        foreach (string command in new[] { "train", "train-log", "evaluate", "evaluate-log", "recommend", "bundle", "serve-shard", "generate", "generate-log", "info", "bench", "study" })
            Assert.That(run.Output, Does.Contain($"  {command} "));
    }

    [TestCase("--min-interactions", "4")]
    [TestCase("--dim", "64")]
    [TestCase("--singular-power", "1")]
    [TestCase("--epochs", "6")]
    [TestCase("--batch-size", "32")]
    [TestCase("--samples", "1000")]
    [TestCase("--tail", "128")]
    [TestCase("--search-every", "1")]
    [TestCase("--epsilon", "0.8")]
    [TestCase("--learning-rate", "0.0003")]
    [TestCase("--init-scale", "0.005")]
    public void Help_says_what_happens_without_an_option(string option, string value)
    {
        string text = string.Join(' ', ToolRun.Of("train", "--help").Output.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        string about = text[text.IndexOf($" {option} <", StringComparison.Ordinal)..];
        Assert.That(about[..about.IndexOf(']', StringComparison.Ordinal)], Does.EndWith($"[default: {value}"));
    }

    [Test]
    public void Help_wins_over_mistakes() => Assert.That(ToolRun.Of("train", "--nonsense", "--help").Code, Is.Zero);
}
