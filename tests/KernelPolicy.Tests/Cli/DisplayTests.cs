using KernelPolicy.Cli.Display;
using KernelPolicy.Cli.Output;
using KernelPolicy.Policy;
using NUnit.Framework;
using Spectre.Console;

namespace KernelPolicy.Tests.Cli;

internal sealed class DisplayTests
{
    private static readonly EpochResult Epoch = new(1, 2.5, 0.1307, 0.1, double.NaN, 0);

    [Test]
    public void Time_left_follows_the_pace_of_the_steps_done() =>
        Assert.That(TrainingText.TimeLeft(At(100, 400, 10)), Is.EqualTo(TimeSpan.FromSeconds(30)));

    [Test]
    public void Before_the_first_step_there_is_no_time_left_to_tell() =>
        Assert.That(TrainingText.TimeLeft(At(0, 400, 0)), Is.Null);

    [TestCase(4.25, "4.3 s")]
    [TestCase(59, "59 s")]
    [TestCase(61, "1 min 01 s")]
    [TestCase(3 * 3600 + 120, "3 h 02 min")]
    public void Durations_are_shown_in_the_units_that_matter(double seconds, string text) =>
        Assert.That(TrainingText.Duration(TimeSpan.FromSeconds(seconds)), Is.EqualTo(text));

    [Test]
    public void Without_a_terminal_epochs_are_lines()
    {
        StringWriter writer = new();
        new PlainRunDisplay(writer).Show(progress =>
        {
            progress.Begin("training");
            progress.Report(At(100, 400, 10) with { Completed = Epoch });
            progress.End("done");
            return 0;
        });
        Assert.That(writer.ToString(), Does.Contain("epoch 1 of 4: validation reward 0.1307, 2.5 s"));
    }

    [Test]
    public void On_a_terminal_the_run_is_redrawn_in_place()
    {
        StringWriter writer = new();
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.Yes,
            Interactive = InteractionSupport.Yes,
            Out = new AnsiConsoleOutput(writer),
        });
        int result = new LiveRunDisplay(console).Show(progress =>
        {
            progress.Begin("interactions [of users]");
            progress.Advance(0.5, "half [way]");
            progress.End("all [read]");
            progress.Begin("training");
            progress.Report(At(100, 400, 10) with { Completed = Epoch });
            progress.Report(At(150, 400, 15));
            progress.End("done");
            return 7;
        });
        Assert.That(result, Is.EqualTo(7));
        Assert.That(writer.ToString(), Does.Contain("\u001b[").And.Contain("0.1307").And.Contain("all [read]"));
    }

    [TestCase("plain", "plain")]
    [TestCase("two words", "'two words'")]
    [TestCase("it's", "'it'\\''s'")]
    [TestCase("", "''")]
    [Platform(Exclude = "Win")]
    public void Arguments_can_be_typed_again(string argument, string text) =>
        Assert.That(CommandLineText.Of(["a", argument]), Is.EqualTo($"a {text}"));

    private static TrainingProgress At(long step, long total, double seconds) => new(2, 4, step, total, seconds, default, null);
}
