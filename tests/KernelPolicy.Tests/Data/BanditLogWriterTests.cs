using KernelPolicy.Data;
using KernelPolicy.Kernels;
using KernelPolicy.Tests.Support;
using NUnit.Framework;

namespace KernelPolicy.Tests.Data;

/// <summary>What is written reads back to the same bits, and a failed write leaves the file that was there.</summary>
[TestFixture]
public sealed class BanditLogWriterTests
{
    private static readonly string[] Ids = ["7", "a,b", "\"q\"", "tab\there", "é", " x", "line\nbreak"];

    private TempFolder _folder = null!;

    [SetUp]
    public void MakeFolder() => _folder = new TempFolder();

    [TearDown]
    public void DeleteFolder() => _folder.Dispose();

    [TestCase("log.csv", true, true)]
    [TestCase("log.tsv", true, false)]
    [TestCase("log.csv.gz", false, true)]
    [TestCase("log.TSV.GZ", false, false)]
    public void A_log_reads_back_equal(string name, bool optional, bool features)
    {
        Random random = new(3);
        using BanditLog log = RandomLog(random, 2000, optional, features);
        Assert.That(AreEqual(log, RoundTrip(log, name)), Is.True);
    }

    [Test]
    public void Synthetic_and_real_logs_read_back_equal()
    {
        using SyntheticBandit bandit = SyntheticBandit.Create(new() { Items = 50, Contexts = 40 });
        using BanditLog synthetic = bandit.Draw(3000, 2).Log;
        Assert.That(AreEqual(synthetic, RoundTrip(synthetic, "s.csv")), Is.True);
        using BanditLog real = BanditLogReader.Read(
            SharedData.Files("open-bandit/bts/men.csv.gz"), new() { Format = BanditLogFormat.OpenBandit });
        Assert.That(AreEqual(real, RoundTrip(real, "r.csv")), Is.True);
    }

    [Test]
    public void A_synthetic_log_reads_back_by_its_usual_names()
    {
        using SyntheticBandit bandit = SyntheticBandit.Create(new() { Items = 5, Contexts = 40 });
        using BanditLog log = bandit.Draw(500, 2).Log;
        string path = Path.Combine(_folder.Folder, "s.csv");
        BanditLogWriter.Write(log, path);
        using BanditLog back = BanditLogReader.Read([path], new() { Intercept = false });
        Assert.That(AreEqual(log, back), Is.True);
    }

    [Test]
    public void A_failed_write_leaves_what_was_there()
    {
        using SyntheticBandit bandit = SyntheticBandit.Create(new() { Items = 5, Contexts = 4 });
        using BanditLog log = bandit.Draw(10, 2).Log;
        string path = _folder.WriteText("s.csv", "before");
        using CancellationTokenSource source = new();
        source.Cancel();
        Assert.Multiple(() =>
        {
            Assert.That(() => BanditLogWriter.Write(log, path, source.Token), Throws.InstanceOf<OperationCanceledException>());
            Assert.That(File.ReadAllText(path), Is.EqualTo("before"));
            Assert.That(Directory.GetFiles(_folder.Folder), Has.Length.EqualTo(1), "nothing is left beside");
            Assert.That(() => BanditLogWriter.Write(log, "s.parquet"), Throws.ArgumentException.With.Message.Contains(".csv or .tsv"));
        });
    }

    [TestCase("reward")]
    [TestCase("history")]
    [TestCase("Propensity Score")]
    [TestCase("slot")]
    public void What_cannot_be_written_is_refused(string feature)
    {
        BanditDecisions decisions = new([0], [1]);
        using BanditLog spaced = new(decisions, null, null, SparseRows.FromLists([[0]]), ["a b"], new());
        using BanditLog clash = new(decisions, new Matrix(1, 1), new FeatureEncoding(false, [new(feature, null)]), null, ["a"], new());
        string path = Path.Combine(_folder.Folder, "x.csv");
        Assert.Multiple(() =>
        {
            Assert.That(() => BanditLogWriter.Write(spaced, path), Throws.ArgumentException.With.Message.Contains("\"a b\""));
            Assert.That(() => BanditLogWriter.Write(clash, path), Throws.ArgumentException.With.Message.Contains($"\"{feature}\""));
            Assert.That(File.Exists(path), Is.False);
        });
    }

    private BanditLog RoundTrip(BanditLog log, string name)
    {
        string path = Path.Combine(_folder.Folder, name);
        BanditLogWriter.Write(log, path);
        return BanditLogReader.Read([path], BanditLogWriter.ReadOptions(log));
    }

    private static BanditLog RandomLog(Random random, int count, bool optional, bool features)
    {
        BanditDecisions decisions = new(
            [.. Enumerable.Range(0, count).Select(_ => random.Next(Ids.Length))],
            [.. Enumerable.Range(0, count).Select(_ => (random.NextDouble() - 0.5) * Math.Pow(10, random.Next(-300, 300)))])
        {
            Propensities = optional ? [.. Enumerable.Range(0, count).Select(_ => 1 - random.NextDouble())] : null,
            Positions = optional ? [.. Enumerable.Range(0, count).Select(_ => random.Next(-5, 5))] : null,
            Times = optional ? [.. Enumerable.Range(0, count).Select(_ => random.NextDouble() * 2e9)] : null,
        };
        SparseRows? histories = features ? null : SparseRows.FromLists(
            [.. Enumerable.Range(0, count).Select(_ => (IReadOnlyList<int>)[.. Enumerable.Range(0, 5).Where(_ => random.Next(2) == 0)])]);
        if (!features)
            return new BanditLog(decisions, null, null, histories, [.. Ids.Select(id => id.Replace(' ', '_'))], new());
        FeatureEncoding encoding = new(true, [new("age", null), new("a \"kind\", of", ["", "a,b", "x\ty", "é"])]);
        Matrix table = new(count, encoding.Dimension);
        for (int row = 0; row < count; row++)
        {
            Span<float> values = table.Row(row);
            values[0] = 1;
            values[1] = (float)((random.NextDouble() - 0.5) * Math.Pow(10, random.Next(-30, 30)));
            values[2 + random.Next(4)] = 1;
        }

        return new BanditLog(decisions, table, encoding, null, Ids, new());
    }

    private static bool AreEqual(BanditLog a, BanditLog b)
    {
        using (b)
        {
            return a.Actions.SequenceEqual(b.Actions) && a.Rewards.SequenceEqual(b.Rewards)
                && a.Propensities.SequenceEqual(b.Propensities) && a.Positions.SequenceEqual(b.Positions)
                && a.Times.SequenceEqual(b.Times) && a.ItemIds.SequenceEqual(b.ItemIds)
                && (a.HasPropensities, a.HasPositions, a.HasTimes) == (b.HasPropensities, b.HasPositions, b.HasTimes)
                && AreEqual(a.Features, b.Features) && AreEqual(a.Histories, b.Histories)
                && (a.Encoding?.EncodedFeatures ?? []).SequenceEqual(b.Encoding?.EncodedFeatures ?? []);
        }
    }

    private static bool AreEqual(Matrix? a, Matrix? b) =>
        a is null || b is null
            ? a is null && b is null
            : (a.Rows, a.Columns) == (b.Rows, b.Columns)
                && Enumerable.Range(0, (int)a.Rows).All(row => a.PaddedRow(row).SequenceEqual(b.PaddedRow(row)));

    private static bool AreEqual(SparseRows? a, SparseRows? b) =>
        a is null || b is null ? a is null && b is null : a.Offsets.SequenceEqual(b.Offsets) && a.Items.SequenceEqual(b.Items);
}
