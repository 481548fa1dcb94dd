using System.Text.RegularExpressions;
using KernelPolicy.Tests.Data;
using NUnit.Framework;

namespace KernelPolicy.Tests.Samples;

/// <summary>Each sample says of itself that it works. Seeds and data are fixed, so that what is compared differs by far more than by
/// what another processor rounds.</summary>
public sealed class SampleTests
{
    [Test]
    public void TrainOnCsv_learns_from_a_file_and_recommends_by_id()
    {
        using SampleRun run = new("TrainOnCsv");
        double[] rewards = run.Numbers(@"test users: ([\d.]+) before, ([\d.]+) after; the most popular item ([\d.]+)$");
        string[] recommended =
            [.. Regex.Matches(run.Output, @"^  (item-\d+)  -?[\d.]+$", RegexOptions.Multiline).Select(match => match.Groups[1].Value)];
        Assert.Multiple(() =>
        {
            Assert.That(run.ExitCode, Is.Zero, run.Error);
            Assert.That(rewards[1], Is.GreaterThan(rewards[0]).And.GreaterThan(rewards[2]), "after, against before and popularity");
            Assert.That(recommended, Has.Length.EqualTo(5).And.Unique);
        });
    }

    [Test]
    public void TrainOnCsv_names_an_id_that_the_file_does_not_have()
    {
        using TempFolder folder = new();
        string[] rows = [.. Enumerable.Range(0, 2000).Select(i => $"{i / 20},{i * 7 % 50}")];
        using SampleRun run = new("TrainOnCsv", folder.Write("ratings.csv", ["user_id,item_id", .. rows]), "7", "nothing");
        Assert.That(run.ExitCode, Is.EqualTo(1));
        Assert.That(run.Error, Does.Contain("has no item nothing"));
    }

    [Test]
    public void CustomReward_earns_more_and_less_by_popular_items_where_they_are_penalised()
    {
        using SampleRun run = new("CustomReward");
        double[] untrained = Row("nothing"), earning = Row("margin × relevance"), penalised = Row("the same less penalty");
        double best = run.Numbers(@"^best possible +([\d.]+)$")[0];
        Assert.Multiple(() =>
        {
            Assert.That(run.ExitCode, Is.Zero, run.Error);
            Assert.That(earning[0], Is.GreaterThan(2 * untrained[0]).And.LessThanOrEqualTo(best), "earns");
            Assert.That(penalised[1], Is.GreaterThan(earning[1]), "less the penalty");
            Assert.That(penalised[2], Is.LessThan(earning[2]), "sold before");
        });

        double[] Row(string name) => run.Numbers($@"^{name} +(-?[\d.]+) +(-?[\d.]+) +([\d.]+) +[\d.]+ ?%$");
    }

    [Test]
    public void BanditLog_finds_policies_that_earn_more_than_the_one_that_logged_and_says_how_far_to_believe_it()
    {
        using SampleRun run = new("BanditLog");
        double[] logging = Of("uniform policy", "LoggingPolicy");
        Assert.Multiple(() =>
        {
            Assert.That(run.ExitCode, Is.Zero, run.Error);
            Assert.That(Of("uniform policy", "Ips")[2], Is.LessThan(logging[1]), "uniform, below what logged");
            Assert.That(Of("trained by IPS", "DoublyRobust")[1], Is.GreaterThan(logging[2]));
            Assert.That(Of("trained by doubly robust", "DoublyRobust")[1], Is.GreaterThan(logging[2]));
            Assert.That(run.Output, Does.Contain("  warning: The effective sample size is "));
        });

        // Value and interval, in the block of lines that the policy's name begins.
        double[] Of(string policy, string estimator) =>
            run.Numbers($@"^{policy}:.*\n(?:  .*\n)*?  {estimator} +([\d.]+) +([\d.]+) to ([\d.]+)$");
    }

    [Test]
    public void GpuTraining_gives_on_the_emulator_what_the_processor_gives()
    {
        using SampleRun run = new("GpuTraining", "CpuEmulator");
        double[] differences = run.Numbers(@"number of Θ: ([\d.E+-]+), where training moved them by up to ([\d.E+-]+)$");
        Assert.That(run.ExitCode, Is.Zero, run.Error);
        Assert.That(run.Output, Does.Contain("taken: ILGPU's emulator, on a tiny problem"));
        Assert.That(differences[0], Is.LessThan(0.01 * differences[1]));
    }

    [Test]
    public void SaveLoadResume_is_cancelled_midway_and_finds_everything_as_it_was()
    {
        using SampleRun run = new("SaveLoadResume");
        double[] steps = run.Numbers(
            @"trained from step 0 to the end, step (\d+)\ncancelled after step (\d+);.*\ntrained from step (\d+) to the end, step (\d+)$");
        Assert.Multiple(() =>
        {
            Assert.That(run.ExitCode, Is.Zero, run.Output + run.Error);
            Assert.That(steps[1], Is.InRange(steps[0] / 2, steps[0] - 1));
            Assert.That(steps[2..], Is.EqualTo([steps[1], steps[0]]));
            Assert.That(Regex.Count(run.Output, "^yes: ", RegexOptions.Multiline), Is.EqualTo(4));
        });
    }
}
