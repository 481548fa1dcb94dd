using System.Globalization;
using System.IO.Compression;
using KernelPolicy.Kernels;
using KernelPolicy.Policy;
using KernelPolicy.Tests.Support;
using NUnit.Framework;

namespace KernelPolicy.Tests.OffPolicy;

/// <summary>
/// Each of the two policies of the Open Bandit sample from the other's log (Saito et al., arXiv 2008.07146). The random
/// policy's probabilities are 1/34. Thompson sampling's (bts) change with time, and its log holds only those of the items it
/// acted on. Its probability of an item in a position, averaged over time, is taken to be the item's share of the position's
/// rows, which estimates it without bias. The mean of the logged propensities does not: it averages over the moments at which
/// the item was chosen, E[p²]/E[p], and sums to 1.7 to 2.3 a position instead of 1.
/// </summary>
/// <remarks>The value to compare with is itself the mean of a log, so that the 95 % interval to be met is that of the
/// difference.</remarks>
public sealed class OpenBanditTests
{
    private const int Positions = 3;

    private readonly Row[] _random = Read("random");
    private readonly Row[] _bts = Read("bts");

    [Test]
    public void Thompson_sampling_from_the_log_of_the_random_policy()
    {
        (double[] table, int items) = Shares(_bts);
        OffPolicyReport report = Evaluate(_random, new GivenProbabilities(table, items, [.. _random.Select(row => row.Position)]), items);
        AssertAgrees(report, _bts, "bts from random");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(report.Weights.MeanWeightZ, Is.InRange(-Statistic.Z, Statistic.Z));
            Assert.That(report.Weights.UnloggedMass, Is.Zero);
        }
    }

    [Test]
    public void The_random_policy_from_the_log_of_thompson_sampling()
    {
        int items = Items();
        OffPolicyReport report = Evaluate(_bts, new UniformPolicy(_bts.Length, items), items);
        AssertAgrees(report, _random, "random from bts");
    }

    private static void AssertAgrees(OffPolicyReport report, Row[] own, string what)
    {
        double value = own.Average(row => row.Click), error = Math.Sqrt(value * (1 - value) / own.Length);
        TestContext.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what}: on-policy {value:F5} ± {error:F5}; {report.Weights}"));
        foreach (ValueEstimate estimate in report.Estimates)
            TestContext.Out.WriteLine(estimate);
        foreach (EvaluationWarning warning in report.Warnings)
            TestContext.Out.WriteLine(warning);
        foreach (OffPolicyEstimator estimator in
            new[] { OffPolicyEstimator.Ips, OffPolicyEstimator.SelfNormalisedIps, OffPolicyEstimator.DoublyRobust })
        {
            ValueEstimate estimate = report[estimator];
            double ofDifference = Math.Sqrt((error * error) + (estimate.StandardError * estimate.StandardError));
            Assert.That(Math.Abs(estimate.Value - value), Is.LessThanOrEqualTo(1.96 * ofDifference), $"{what}: {estimate}");
            ConfidenceInterval bootstrap = estimate.Bootstrap!.Value;
            Assert.That(bootstrap.Lower <= value + (1.96 * error) && bootstrap.Upper >= value - (1.96 * error), $"{what}: {estimate}");
        }

        Assert.That(report[OffPolicyEstimator.LogarithmicSmoothing].FiniteSample!.Value.Contains(value), what);
        Assert.That(report[OffPolicyEstimator.ClippedIps].FiniteSample!.Value.Contains(value), what);
    }

    private static OffPolicyReport Evaluate(Row[] rows, IPolicyProbabilities policy, int items)
    {
        var log = new LoggedFeedback(
            [.. rows.Select(row => row.Item)], [.. rows.Select(row => row.Propensity)], [.. rows.Select(row => row.Click)], items);
        double mean = rows.Average(row => row.Click);
        using var team = new WorkerTeam(2);
        // The simplest model, one number: what DR then removes of the variance is what the mean reward explains.
        return OffPolicyEvaluator.Evaluate(log, policy, team, new OffPolicyOptions
        {
            Rewards = new RewardRange(0, 1), Model = new RewardFunction(rows.Length, (_, _) => (float)mean),
        });
    }

    private int Items() => 1 + Math.Max(_random.Max(row => row.Item), _bts.Max(row => row.Item));

    /// <summary>Share of each item in each position [3, P].</summary>
    private (double[] Table, int Items) Shares(Row[] rows)
    {
        int items = Items();
        double[] table = new double[Positions * items];
        double[] rowsAt = [.. Enumerable.Range(0, Positions).Select(p => (double)rows.Count(row => row.Position == p))];
        foreach (Row row in rows)
            table[(row.Position * items) + row.Item] += 1 / rowsAt[row.Position];
        return (table, items);
    }

    private static Row[] Read(string policy)
    {
        string file = SharedData.Files($"open-bandit/{policy}/men.csv.gz")[0];
        using var reader = new StreamReader(new GZipStream(File.OpenRead(file), CompressionMode.Decompress));
        string[] header = reader.ReadLine()!.Split(',');
        int At(string name) => Array.IndexOf(header, name);
        (int item, int position, int click, int propensity) = (At("item_id"), At("position"), At("click"), At("propensity_score"));
        var rows = new List<Row>();
        while (reader.ReadLine() is { } line)
        {
            string[] cells = line.Split(',');
            double Number(int at) => double.Parse(cells[at], CultureInfo.InvariantCulture);
            rows.Add(new Row((int)Number(item), (int)Number(position) - 1, Number(click), Number(propensity)));
        }

        return [.. rows];
    }

    private sealed record Row(int Item, int Position, double Click, double Propensity);
}
