using System.Text;
using KernelPolicy.Bench;

namespace KernelPolicy.EstimatorComparison.Reporting;

/// <summary>Tables of errors of gradients: one for each data set and kind of reward.</summary>
internal static class GradientSection
{
    /// <summary>Writes them.</summary>
    public static void Write(CsvTable errors, StringBuilder text)
    {
        foreach (string data in errors.Values("data"))
        {
            foreach (string reward in errors.Values("reward"))
            {
                int[] rows = [.. errors.Where("data", data).Intersect(errors.Where("reward", reward))];
                if (rows.Length == 0)
                    continue;
                string[] stages = [.. rows.Select(row => errors.Text(row, "stage")).Distinct()];
                text.AppendLine($"### {data}, {reward} reward").AppendLine();
                text.AppendLine(
                    "‖ĝ − g‖²/‖g‖²: pooled over contexts, with the median over contexts in brackets; perplexity of the policy "
                    + string.Join(", ", stages.Select(stage => $"{stage} {Perplexity(stage)}")) + ".").AppendLine();
                MarkdownTable table = new(["<estimator", .. stages.SelectMany(stage => new[] { stage, $"{stage}, as it states" }), "ms a batch"]);
                foreach (string estimator in rows.Select(row => errors.Text(row, "estimator")).Distinct())
                {
                    int[] own = [.. stages.Select(stage => rows.First(
                        row => errors.Text(row, "stage") == stage && errors.Text(row, "estimator") == estimator))];
                    table.Add(
                    [
                        estimator,
                        .. own.SelectMany(row => new[]
                        {
                            $"{Number(row, "pooled")} ({Number(row, "median")})", Number(row, "claimed"),
                        }),
                        MarkdownTable.Error(own.Average(row => errors.Number(row, "ms"))),
                    ]);
                }

                table.WriteTo(text);

                string Perplexity(string stage) => MarkdownTable.Error(
                    errors.Number(rows.First(row => errors.Text(row, "stage") == stage), "perplexity"));
            }
        }

        string Number(int row, string column) => MarkdownTable.Error(errors.Number(row, column));
    }
}
