using System.Text.Json;
using KernelPolicy.Data;
using NUnit.Framework;

namespace KernelPolicy.Tests.Cli;

internal sealed class GenerateLogTests
{
    [TestCase("log.csv")]
    [TestCase("log.tsv")]
    [TestCase("log.csv.gz")]
    public void What_is_written_is_read_back(string name)
    {
        using TestFolder folder = new();
        string path = folder.BanditLog(name, "--seed", "5");
        using SyntheticBandit bandit = SyntheticBandit.Create(new() { Items = 12, Contexts = 80, Dimension = 3, Seed = 5 });
        using BanditLog drawn = bandit.Draw(600, 5).Log;
        using BanditLog read = BanditLogReader.Read([path], new() { Items = drawn.ItemIds, Intercept = false });
        using ItemFeatures items = ItemFeatures.Read(folder["items.csv"], drawn.ItemIds);
        Assert.Multiple(() =>
        {
            Assert.That(read.Actions.SequenceEqual(drawn.Actions));
            Assert.That(read.Propensities.SequenceEqual(drawn.Propensities));
            Assert.That(read.Rewards.SequenceEqual(drawn.Rewards));
            Assert.That(Enumerable.Range(0, 600).All(row => read.Features!.Row(row).SequenceEqual(drawn.Features!.Row(row))));
            Assert.That(Enumerable.Range(0, 12).All(item => items.Values.Row(item).SequenceEqual(bandit.Items.Row(item))));
        });
    }

    [Test]
    public void Json_has_the_true_values()
    {
        using TestFolder folder = new();
        JsonElement report = ToolRun.Of("generate-log", "--out", folder["log.csv"], "--items", "12", "--decisions", "50", "--json").Json;
        using SyntheticBandit bandit = SyntheticBandit.Create(new() { Items = 12 });
        Assert.Multiple(() =>
        {
            Assert.That(report.GetProperty("logging_value").GetDouble(), Is.EqualTo(bandit.LoggingValue()));
            Assert.That(report.GetProperty("best_value").GetDouble(), Is.EqualTo(bandit.BestValue()));
            Assert.That(report.GetProperty("decisions").GetInt32(), Is.EqualTo(50));
        });
    }
}
