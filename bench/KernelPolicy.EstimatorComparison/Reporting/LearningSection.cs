using System.Globalization;
using System.Text;
using KernelPolicy.Bench;

namespace KernelPolicy.EstimatorComparison.Reporting;

/// <summary>What each estimator ends with, over seeds, and how long it takes to the reward that REINFORCE ends with.</summary>
internal static class LearningSection
{
    private const string Baseline = "reinforce";
    private const string Oracle = "exact";

    // A curve near its end rises by less than its test set's noise: within a hundredth of the goal it has arrived.
    private const double Nearly = 0.99;

    /// <summary>Writes a table for each data set.</summary>
    public static void Write(CsvTable curves, StringBuilder text)
    {
        foreach (string data in curves.Values("data"))
        {
            int[] rows = [.. curves.Where("data", data)];
            double goal = Curve(Baseline, FirstSeed(Baseline)).Select(p => p.Reward).DefaultIfEmpty(double.NaN).Last();
            text.AppendLine($"### {data}").AppendLine();
            text.AppendLine(
                $"R_test by the exact scan after the last epoch, mean ± standard error over seeds, which differ in their split of users; its "
                + $"difference from that of {Oracle}, seed by seed. "
                + (double.IsNaN(goal)
                    ? $"{Baseline} was not run, so that there is no goal to reach."
                    : $"Seconds of steps, of the first seed, until R_test is {goal.ToString("0.0000", CultureInfo.InvariantCulture)}, "
                        + $"where {Baseline} ends, and until it is within a hundredth of that."))
                .AppendLine();
            MarkdownTable table = new(
                "<estimator", "seeds", "epochs", "R_test at the end", $"less {Oracle}", "s an epoch", "s to the goal", "s to 99 % of it");
            foreach (string estimator in rows.Select(row => curves.Text(row, "estimator")).Distinct())
            {
                string[] seeds = [.. Own(estimator).Select(row => curves.Text(row, "seed")).Distinct()];
                double[] last = [.. seeds.Select(seed => Curve(estimator, seed)[^1].Reward)];
                double[] differences =
                [
                    .. seeds.Intersect(Own(Oracle).Select(row => curves.Text(row, "seed")))
                        .Select(seed => Curve(estimator, seed)[^1].Reward - Curve(Oracle, seed)[^1].Reward),
                ];
                var first = Curve(estimator, FirstSeed(estimator));
                table.Add(
                    estimator, $"{seeds.Length}", MarkdownTable.Error(first[^1].Epochs), WithError(last), WithError(differences),
                    MarkdownTable.Error(first[^1].Seconds / first[^1].Epochs), Reached(goal), Reached(Nearly * goal));

                string Reached(double reward)
                {
                    double seconds = first.Where(p => p.Reward >= reward).Select(p => p.Seconds).DefaultIfEmpty(double.NaN).First();
                    return double.IsNaN(goal) ? "–" : double.IsNaN(seconds) ? "not reached" : MarkdownTable.Error(seconds);
                }
            }

            table.WriteTo(text);

            IEnumerable<int> Own(string estimator) => rows.Where(row => curves.Text(row, "estimator") == estimator);

            string FirstSeed(string estimator) => Own(estimator).Select(row => curves.Text(row, "seed")).Order().FirstOrDefault("");

            (double Epochs, double Seconds, double Reward)[] Curve(string estimator, string seed) =>
            [
                .. Own(estimator).Where(row => curves.Text(row, "seed") == seed).Select(
                    row => (curves.Number(row, "epochs"), curves.Number(row, "seconds"), curves.Number(row, "reward"))),
            ];
        }
    }

    private static string WithError(double[] values)
    {
        if (values.Length == 0)
            return "–";
        double mean = values.Average();
        string text = mean.ToString("0.0000", CultureInfo.InvariantCulture);
        if (values.Length < 2)
            return text;
        double error = Math.Sqrt(values.Sum(v => (v - mean) * (v - mean)) / (values.Length - 1) / values.Length);
        return $"{text} ± {error.ToString("0.0000", CultureInfo.InvariantCulture)}";
    }
}
