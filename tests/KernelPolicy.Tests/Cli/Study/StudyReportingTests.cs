using System.Text;
using System.Text.Json;
using KernelPolicy.Cli.Study;
using NUnit.Framework;

namespace KernelPolicy.Tests.Cli;

/// <summary>Means, tables, curves and verdicts, by hand.</summary>
internal sealed class StudyReportingTests
{
    private static readonly StudySettings Settings = StudySettings.Small with { Epochs = 2, Seeds = 3 };

    [Test]
    public void A_mean_has_its_standard_error_and_leaves_out_what_is_not_finite()
    {
        Statistic three = Statistic.Of([1, 2, 3, double.NaN]);
        Assert.Multiple(() =>
        {
            Assert.That((three.Mean, three.Count), Is.EqualTo((2.0, 3)));
            Assert.That(three.Error, Is.EqualTo(1 / Math.Sqrt(3)).Within(1e-15));
            Assert.That(three.Text(2), Is.EqualTo("2.00 ± 0.58"));
            Assert.That(Statistic.Of([0.5]).Text(3), Is.EqualTo("0.500"));
            Assert.That(Statistic.None.Text(3), Is.EqualTo("–"));
            Assert.That(Statistic.Number(1234.5, -1), Is.EqualTo("1,234"));
            Assert.That(Statistic.Number(-0.012345, -1), Is.EqualTo("−0.0123"));
        });
    }

    [Test]
    public void A_table_is_the_same_as_csv_and_as_json()
    {
        StudyTable table = new("rows", "", new StudyColumn("name", "Name"), new StudyColumn("value", "Value"), new StudyColumn("count", "Count"));
        table.Add("a, \"b\"", Statistic.Of([1, 2]), 3);
        table.Add("c", Statistic.None, 4);
        using MemoryStream stream = new();
        using (Utf8JsonWriter json = new(stream))
        {
            json.WriteStartObject();
            table.WriteTo(json);
            json.WriteEndObject();
        }

        Assert.Multiple(() =>
        {
            Assert.That(table.Csv(), Is.EqualTo("name,value,value_se,count\n\"a, \"\"b\"\"\",1.5,0.5,3\nc,,,4\n"));
            Assert.That(
                Encoding.UTF8.GetString(stream.ToArray()),
                Is.EqualTo("""{"rows":[{"name":"a, \u0022b\u0022","value":1.5,"value_se":0.5,"count":3},{"name":"c","value":null,"value_se":null,"count":4}]}"""));
            Assert.That(() => table.Add("short"), Throws.ArgumentException.With.Message.StartWith("1 values for 3 columns of rows."));
        });
    }

    [Test]
    public void Curves_are_compared_seed_by_seed()
    {
        SeedCurves slow = Curves(StudyMethod.Reinforce, (1, [0.1, 0.2, 0.4], 10), (2, [0.1, 0.3, 0.5], 10));
        SeedCurves fast = Curves(StudyMethod.Exact, (1, [0.1, 0.396, 0.41], 2), (2, [0.1, 0.2, 0.6], 2), (3, [0.1, 0.2, 0.3], 2));
        Assert.Multiple(() =>
        {
            // The third seed has no partner.
            Assert.That(fast.EndLess(slow).Mean, Is.EqualTo((0.01 + 0.1) / 2).Within(1e-12));
            Assert.That(fast.FasterThan(slow).Mean, Is.EqualTo(5).Within(1e-12));
            // 0.396 is 99 % of 0.4; 0.495 of 0.5 lies 0.295/0.4 between the first epoch and the second.
            Assert.That(fast.SecondsTo(slow).Mean, Is.EqualTo((2 + 2 + (2 * 0.295 / 0.4)) / 2).Within(1e-9));
            Assert.That(slow.SecondsTo(fast).Count, Is.Zero, "one seed does not arrive");
            // In four seconds the slow one has not done an epoch.
            Assert.That((slow.Within(fast).Mean, slow.EpochsWithin(fast).Mean), Is.EqualTo((0.1, 0.0)));
            Assert.That(fast.ByEpoch(), Has.Count.EqualTo(3));
            Assert.That(fast.ByEpoch()[1].Reward.Mean, Is.EqualTo((0.396 + 0.2 + 0.2) / 3).Within(1e-12));
        });
    }

    [Test]
    public void Claims_are_judged_by_more_than_two_standard_errors()
    {
        using TestFolder folder = new();
        StudyPlan plan = StudyPlan.Create(Settings);
        StudyFolder study = new(folder["study"]);
        foreach (StudyCell cell in plan.Cells.Where(cell => cell.Kind == CellKind.Learning))
        {
            double end = cell.Method.Slug switch
            {
                "uniform-1000" => 0.2,
                "mixture-1000-256-0.2" => 0.4 + (0.001 * cell.Seed),
                "mixture-50-256-0.8" => 0.3,
                "strata-64-128-learned" => 0.5,
                _ => 0.35 + (0.002 * cell.Seed),
            };
            study.Keep(cell, Learned(cell, end));
        }

        Dictionary<string, PaperClaim> claims = PaperClaims.Judge(StudyResults.Read(plan, study)).ToDictionary(c => c.Claim.Split(' ')[^1]);
        Assert.Multiple(() =>
        {
            Assert.That(claims["REINFORCE"].Verdict, Is.EqualTo("confirmed"));
            Assert.That(claims["REINFORCE"].Measured, Does.StartWith("ε = 0.2: +0.0480 ± 0.0006"));
            Assert.That(claims["optimal"].Verdict, Is.EqualTo("confirmed"));
            Assert.That(claims["on"].Verdict, Is.EqualTo("confirmed"), "all K alike");
            Assert.That(claims["better"].Verdict, Is.EqualTo("confirmed"));
            Assert.That(claims["reasonable"].Verdict, Is.EqualTo("refuted"));
        });
    }

    [Test]
    public void Of_one_seed_no_difference_counts()
    {
        using TestFolder folder = new();
        StudyPlan plan = StudyPlan.Create(Settings with { Seeds = 1 });
        StudyFolder study = new(folder["study"]);
        foreach (StudyCell cell in plan.Cells.Where(cell => cell.Kind == CellKind.Learning))
            study.Keep(cell, Learned(cell, 0.3));
        IReadOnlyList<PaperClaim> claims = PaperClaims.Judge(StudyResults.Read(plan, study));
        Assert.That(claims.Where(c => !c.Claim.StartsWith("RQ3", StringComparison.Ordinal)).Select(c => c.Verdict), Has.All.EqualTo("open"));
    }

    internal static CellResult Learned(StudyCell cell, double end) => new()
    {
        Cell = cell.Name,
        Kind = cell.Kind,
        Catalogue = cell.Catalogue.Name,
        Items = cell.Catalogue.Items,
        Dim = cell.Dimension,
        Method = cell.Method.Slug,
        Settings = "",
        TopKBy = null,
        Seed = cell.Seed,
        Runner = "none",
        Seconds = 1,
        Learning = Figures([0.1, 0.2, end], 1),
    };

    private static LearningFigures Figures(double[] rewards, double seconds) =>
        new([.. rewards.Select((reward, epoch) => new LearningPoint(epoch, epoch * seconds, reward, 0.1))], rewards[^1], 10, 10, 10, double.NaN);

    private static SeedCurves Curves(StudyMethod method, params (ulong Seed, double[] Rewards, double Seconds)[] curves) =>
        new(method, [.. curves.Select(c => (c.Seed, Figures(c.Rewards, c.Seconds)))]);
}
