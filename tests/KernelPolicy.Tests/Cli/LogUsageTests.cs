using NUnit.Framework;

namespace KernelPolicy.Tests.Cli;

/// <summary>Wrong use of the commands on logs of decisions: what is said, and with which code.</summary>
internal sealed class LogUsageTests
{
    private static readonly TestCaseData[] Mistakes =
    [
        new TestCaseData("train-log --reward ipw", "--reward is 'ipw'; it must be one of ips, clipped"),
        new TestCaseData("train-log --clip 0.1", "--clip is not for --reward ips"),
        new TestCaseData("train-log --reward clipped --lambda 1", "--lambda is not for --reward clipped"),
        new TestCaseData("train-log --reward exponential", "--reward exponential needs --alpha"),
        new TestCaseData("train-log --reward clipped --clip 2", "--clip is '2'; it must be a number from 0 to 1."),
        new TestCaseData("train-log --reward dr --translation 1", "--translation is not for --reward dr"),
        new TestCaseData("train-log --reward dr --reward-model none", "--reward-model none leaves it without"),
        new TestCaseData("train-log --reward dr --objective log-likelihood", "--reward dr gives every item a reward"),
        new TestCaseData("train-log --reference run", "--kl-weight above 0"),
        new TestCaseData("train-log --fit-propensities", "--fit-propensities says how to read a log; name its files with --log."),
        new TestCaseData("train-log --bootstrap 50", "--bootstrap is 50; it must be 0, or 100 or more."),
        new TestCaseData("train --reference run", "--kl-weight above 0"),
        new TestCaseData("train --objective reward", "--objective is 'reward'"),
        new TestCaseData("evaluate-log --log a.csv", "by one of --policy, --uniform and --probabilities-column"),
        new TestCaseData("evaluate-log --log a.csv --uniform --policy run", "by one of --policy"),
        new TestCaseData("evaluate-log --uniform", "--log"),
        new TestCaseData("evaluate-log --log a.csv --uniform --decisions test", "--decisions test is for --policy"),
        new TestCaseData("evaluate-log --log a.csv --uniform --clip 0.1 --largest-weight 5", "give one"),
        new TestCaseData("evaluate-log --log a.csv --uniform --least-reward 2 --largest-reward 1", "above the least, 2"),
        new TestCaseData("generate-log --out log.parquet", ".csv or .tsv"),
        new TestCaseData("generate-log --out log.csv --items 1", "--items is '1'"),
        new TestCaseData("recommend --policy run --feature age", "--feature is 'age'"),
    ];

    [TestCaseSource(nameof(Mistakes))]
    public void A_mistake_is_explained(string line, string explanation)
    {
        ToolRun run = ToolRun.Of(line.Split(' '));
        Assert.Multiple(() =>
        {
            Assert.That((run.Code, run.Output), Is.EqualTo((2, "")));
            Assert.That(run.Error, Does.StartWith("error: ").And.Contain(explanation));
            Assert.That(run.Error, Does.Not.Contain("Parameter").And.Not.Contain("   at "));
        });
    }

    [TestCase("0")]
    [TestCase("1.5")]
    [TestCase("likely")]
    public void A_propensity_out_of_range_is_named_with_file_and_line(string propensity)
    {
        using TestFolder folder = new();
        string[] lines = File.ReadAllLines(folder.BanditLog());
        string[] cells = lines[7].Split(',');
        cells[2] = propensity;
        lines[7] = string.Join(',', cells);
        File.WriteAllLines(folder["bad.csv"], lines);
        ToolRun run = ToolRun.Of(folder.TrainLog(folder["bad.csv"], "run"));
        Assert.That((run.Code, run.Output), Is.EqualTo((1, "")));
        Assert.That(run.Error, Does.Contain("bad.csv").And.Contain("line 8").And.Contain(propensity).And.Contain("a propensity in (0, 1]"));
    }

    [Test]
    public void A_log_without_propensities_is_refused_unless_they_are_to_be_fitted()
    {
        using TestFolder folder = new();
        ToolRun run = ToolRun.Of(folder.TrainLog(folder.WithoutPropensities(), "run"));
        Assert.That((run.Code, run.Output), Is.EqualTo((2, "")));
        Assert.That(run.Error, Does.Contain("no propensities").And.Contain("--fit-propensities"));
        ToolRun needless = ToolRun.Of(folder.TrainLog(folder["decisions.csv"], "run", "--fit-propensities"));
        Assert.That(needless.Code, Is.EqualTo(2));
        Assert.That(needless.Error, Does.Contain("The log has propensities"));
    }

    [Test]
    public void A_reference_of_another_catalogue_or_embedding_is_refused()
    {
        using TestFolder folder = new();
        string log = folder.BanditLog();
        Assert.That(ToolRun.Of(folder.TrainLog(log, "one-hot")).Code, Is.Zero);
        string[] near = ["--kl-weight", "0.1", "--reference", folder["one-hot"]];
        ToolRun larger = ToolRun.Of(folder.TrainLog(folder.BanditLog("larger.csv", "--items", "15"), "run", near));
        Assert.That((larger.Code, larger.Output), Is.EqualTo((1, "")));
        Assert.That(larger.Error, Does.Contain("another catalogue: it has 12 items, the data 15"));

        _ = folder.BanditLog();
        ToolRun featured = ToolRun.Of(folder.TrainLog(log, "run", [.. near, "--item-features", folder["items.csv"]]));
        Assert.That(featured.Code, Is.EqualTo(1));
        Assert.That(featured.Error, Does.Contain("items of 12 dimensions; those of this training have 4"));

        Assert.That(ToolRun.Of(TrainTests.Train(folder, "run", near)).Error, Does.Contain("another catalogue"));
    }

    [Test]
    public void An_item_that_the_policy_does_not_know_is_named_with_file_and_line()
    {
        using TestFolder folder = new();
        string log = folder.BanditLog();
        Assert.That(ToolRun.Of(folder.TrainLog(log, "run")).Code, Is.Zero);
        string[] lines = File.ReadAllLines(log);
        lines[3] = "new" + lines[3][lines[3].IndexOf(',', StringComparison.Ordinal)..];
        File.WriteAllLines(folder["other.csv"], lines);
        ToolRun run = ToolRun.Of("evaluate-log", "--policy", folder["run"], "--log", folder["other.csv"]);
        Assert.That((run.Code, run.Output), Is.EqualTo((1, "")));
        Assert.That(run.Error, Does.Contain("other.csv").And.Contain("line 4").And.Contain("new"));
    }

    [Test]
    public void Probabilities_out_of_range_are_named()
    {
        using TestFolder folder = new();
        string log = folder.BanditLog();
        ToolRun run = ToolRun.Of("evaluate-log", "--log", log, "--probabilities-column", "feature_0");
        Assert.That((run.Code, run.Output), Is.EqualTo((1, "")));
        Assert.That(run.Error, Does.Contain("column 'feature_0'").And.Contain("a probability in [0, 1]"));
    }

    [Test]
    public void Policies_of_one_kind_of_data_are_sent_to_their_own_command()
    {
        using TestFolder folder = new();
        Assert.That(ToolRun.Of(folder.TrainLog(folder.BanditLog(), "decisions")).Code, Is.Zero);
        Assert.That(ToolRun.Of(TrainTests.Train(folder, "sessions")).Code, Is.Zero);
        Assert.Multiple(() =>
        {
            Assert.That(ToolRun.Of("evaluate", "--policy", folder["decisions"]).Error, Does.Contain("evaluate-log"));
            Assert.That(ToolRun.Of("evaluate-log", "--policy", folder["sessions"]).Error, Does.Contain("'kernelpolicy evaluate'"));
            Assert.That(ToolRun.Of("recommend", "--policy", folder["sessions"], "--feature", "a=1").Error, Does.Contain("--history"));
        });
    }

    [Test]
    public void Features_and_histories_together_ask_which()
    {
        using TestFolder folder = new();
        string[] lines = File.ReadAllLines(folder.HistoryLog());
        File.WriteAllLines(folder["both.csv"], lines.Select((line, i) => i == 0 ? line + ",feature_a" : line + ",1"));
        ToolRun run = ToolRun.Of(folder.TrainLog(folder["both.csv"], "run"));
        Assert.That(run.Code, Is.EqualTo(2));
        Assert.That(run.Error, Does.Contain("--contexts features or --contexts histories"));
        Assert.That(ToolRun.Of(folder.TrainLog(folder["both.csv"], "run", "--contexts", "histories", "--dim", "4")).Code, Is.Zero);
        Assert.That(ToolRun.Of(folder.TrainLog(folder["both.csv"], "run", "--contexts", "features")).Code, Is.Zero);
    }
}
