using System.Globalization;
using System.Text;

namespace KernelPolicy.EstimatorComparison.Reporting;

/// <summary>What each estimator ends with, over seeds, and how long it takes to the reward that REINFORCE ends with.</summary>
internal static class LearningSection
{
    private const string Baseline = "reinforce";

    /// <summary>Writes a table for each data set.</summary>
    public static void Write(CsvTable curves, StringBuilder text)
    {
        foreach (string data in curves.Values("data"))
        {
            int[] rows = [.. curves.Where("data", data)];
            double goal = Curve(Baseline, FirstSeed(Baseline)).Select(p => p.Reward).DefaultIfEmpty(double.NaN).Last();
            text.AppendLine($"### {data}").AppendLine();
            text.AppendLine(
                $"R_test by the exact scan after the last epoch, mean ± standard error over seeds; seconds of steps, of the first seed, "
                + $"until R_test is {goal.ToString("0.0000", CultureInfo.InvariantCulture)}, where {Baseline} ends.").AppendLine();
            MarkdownTable table = new("<estimator", "seeds", "epochs", "R_test at the end", "best on the way", "s an epoch", "s to the goal");
            foreach (string estimator in rows.Select(row => curves.Text(row, "estimator")).Distinct())
            {
                string[] seeds = [.. Own(estimator).Select(row => curves.Text(row, "seed")).Distinct()];
                double[] last = [.. seeds.Select(seed => Curve(estimator, seed)[^1].Reward)];
                double[] best = [.. seeds.Select(seed => Curve(estimator, seed).Max(p => p.Reward))];
                var first = Curve(estimator, FirstSeed(estimator));
                double reached = first.Where(p => p.Reward >= goal).Select(p => p.Seconds).DefaultIfEmpty(double.NaN).First();
                table.Add(
                    estimator, $"{seeds.Length}", MarkdownTable.Number(first[^1].Epochs), WithError(last), WithError(best),
                    MarkdownTable.Number(first[^1].Seconds / first[^1].Epochs),
                    double.IsNaN(reached) ? "not reached" : MarkdownTable.Number(reached));
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
        double mean = values.Average();
        string text = mean.ToString("0.0000", CultureInfo.InvariantCulture);
        if (values.Length < 2)
            return text;
        double error = Math.Sqrt(values.Sum(v => (v - mean) * (v - mean)) / (values.Length - 1) / values.Length);
        return $"{text} ± {error.ToString("0.0000", CultureInfo.InvariantCulture)}";
    }
}
