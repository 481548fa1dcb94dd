using NUnit.Framework;

namespace KernelPolicy.Tests.Cli;

/// <summary>A command line that makes no sense ends with code 2, a message that says what would, and no result.</summary>
internal sealed class UsageTests
{
    private static readonly TestCaseData[] Mistakes =
    [
        new TestCaseData("", "command"),
        new TestCaseData("trian", "'trian'"),
        new TestCaseData("train --epoch 3", "'--epoch'"),
        new TestCaseData("train --epochs many", "--epochs is 'many'; it must be a whole number from 1 to 1000000."),
        new TestCaseData("train --epochs 0", "--epochs is '0'; it must be a whole number"),
        new TestCaseData("train --epochs 1.5", "--epochs is '1.5'; it must be a whole number"),
        new TestCaseData("train --epsilon 2", "--epsilon is '2'; it must be a number from 0 to 1 or auto."),
        new TestCaseData("train --epsilon 0,5", "--epsilon is '0,5'; it must be a number from 0 to 1 or auto."),
        new TestCaseData("train --epsilon NaN", "--epsilon is 'NaN'"),
        new TestCaseData("train --seed -1", "--seed is '-1'"),
        new TestCaseData("train --estimator exakt", "it must be one of strata, exact, mixture, uniform, reinforce."),
        new TestCaseData("train --epochs", "--epochs"),
        new TestCaseData("train --data a.csv --filter is_read", "--filter is 'is_read'; it must name a column and its value"),
        new TestCaseData("train --user-column u", "--user-column says how to read files; name them with --data."),
        new TestCaseData("train extra", "'extra'"),
        new TestCaseData("evaluate", "--policy"),
        new TestCaseData("recommend --policy run", "--history"),
        new TestCaseData("recommend --policy run --history a --histories b", "--history"),
        new TestCaseData("recommend --history a", "--policy, or all shards of one with --shards"),
        new TestCaseData("recommend --policy run --shards 10.0.0.5:7000 --history a", "--policy, or all shards of one with --shards"),
        new TestCaseData("recommend --policy run --history a --deadline-ms 5", "--deadline-ms is of --shards"),
        new TestCaseData("recommend --shards 10.0.0.5:7000 --history a --deadline-ms 0", "--deadline-ms is '0'; it must be a number from 0.1 to 600000."),
        new TestCaseData("recommend --shards 10.0.0.5:7000 --feature age=31", "Shards are asked by histories"),
        new TestCaseData("recommend --shards here --history a", "'here' is no address; it must be a host and a port"),
        new TestCaseData("bundle --policy run --shards 65", "--shards is '65'; it must be a whole number from 1 to 64."),
        new TestCaseData("serve-shard", "--bundle"),
        new TestCaseData("serve-shard --bundle model.kpolicy --listen 7000", "--listen is '7000'; it must be an address and a port"),
        new TestCaseData("generate --out log.doc --items 50 --users 20", ".csv, .tsv, .inter or .sessions"),
        new TestCaseData("bench --items 5", "--items is '5'"),
    ];

    [TestCaseSource(nameof(Mistakes))]
    public void A_mistake_is_explained(string line, string explanation)
    {
        ToolRun run = ToolRun.Of(line.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        Assert.Multiple(() =>
        {
            Assert.That(run.Code, Is.EqualTo(2));
            Assert.That(run.Error, Does.Contain(explanation));
            Assert.That(run.Error, Does.StartWith("error: "));
            Assert.That(run.Error, Does.Not.Contain("Parameter").And.Not.Contain("   at "));
            Assert.That(run.Output, Is.Empty);
        });
    }

    [Test]
    public void A_missing_file_is_a_failure_not_a_mistake_of_usage()
    {
        using TestFolder folder = new();
        ToolRun run = ToolRun.Of("train", "--data", folder["none.csv"], "--out", folder["run"]);
        Assert.That((run.Code, run.Output), Is.EqualTo((1, "")));
        Assert.That(run.Error, Does.Contain("none.csv"));
    }

    [Test]
    public void A_damaged_policy_is_a_failure()
    {
        using TestFolder folder = new();
        File.WriteAllText(folder["policy.kp"], "not a policy");
        ToolRun run = ToolRun.Of("recommend", "--policy", folder["policy.kp"], "--history", "1");
        Assert.That((run.Code, run.Output), Is.EqualTo((1, "")));
        Assert.That(run.Error, Does.Contain("policy.kp"));
    }

    [Test]
    public void A_rank_that_the_data_do_not_have_is_explained()
    {
        using TestFolder folder = new();
        ToolRun run = ToolRun.Of("train", "--data", folder.Log(), "--out", folder["run"], "--dim", "500");
        Assert.That(run.Code, Is.EqualTo(2));
        Assert.That(run.Error, Does.Contain("has ranks 1 to").And.Not.Contain("Parameter"));
    }
}
