using System.Globalization;
using System.Text;
using KernelPolicy.Bench;
using KernelPolicy.IndexComparison.Datasets;

namespace KernelPolicy.IndexComparison.Reporting;

/// <summary>How the time of a query grows with the catalogue: a + b·ln P fitted through the sizes measured.</summary>
internal sealed class ScalingSection(ResultSet results)
{
    private const double Recall = 0.95;

    /// <summary>Writes times, fit and residuals: at equal recall, which is what a user waits for, and at equal width, which
    /// is what the graph itself costs.</summary>
    public void Write(StringBuilder text)
    {
        text.AppendLine("## Growth with the catalogue").AppendLine();
        text.AppendLine("Microseconds a query on one thread, synthetic items; a + b·ln P by least squares, with what each size lies above (+)"
            + " or below (−) the fit, in percent of the time measured.").AppendLine();
        MarkdownTable table = new("<library", "L", "K", "<at", "<P: µs", "a", "b", "<residuals");
        foreach (int dim in results.Datasets.Where(IsSynthetic).Select(d => d.Dim).Distinct().Order())
        {
            List<DatasetMeta> sizes = [.. results.Datasets.Where(d => IsSynthetic(d) && d.Dim == dim).OrderBy(d => d.Items)];
            foreach ((int k, int width) in (ReadOnlySpan<(int, int)>)[(10, 64), (256, 256)])
            {
                foreach (string library in sizes.SelectMany(s => results.Graphs(s.Name)).Distinct())
                {
                    AddRow(table, library, dim, k, $"recall {Recall}", sizes, c => c.QpsAt(Recall));
                    AddRow(table, library, dim, k, $"ef {width}", sizes, c => c.Points.Where(p => p.Ef == width)
                        .Select(p => p.Value).DefaultIfEmpty(double.NaN).First());
                }
            }
        }

        if (table.Count > 0)
            table.WriteTo(text);
        else
            text.AppendLine("A fit needs three sizes of one L; this run has fewer.").AppendLine();
    }

    /// <summary>a and b of y = a + b·x by least squares.</summary>
    public static (double A, double B) Fit(IReadOnlyList<(double X, double Y)> points)
    {
        double meanX = points.Average(p => p.X), meanY = points.Average(p => p.Y);
        double b = points.Sum(p => (p.X - meanX) * (p.Y - meanY)) / points.Sum(p => (p.X - meanX) * (p.X - meanX));
        return (meanY - (b * meanX), b);
    }

    private static bool IsSynthetic(DatasetMeta dataset) => dataset.Name.StartsWith("synthetic", StringComparison.Ordinal);

    private void AddRow(
        MarkdownTable table, string library, int dim, int k, string at, List<DatasetMeta> sizes, Func<RecallCurve, double> qps)
    {
        List<(int Items, double Micros)> times = [.. sizes
            .Select(s => (s.Items, 1e6 / qps(results.Curve(s.Name, library, k, 1))))
            .Where(t => double.IsFinite(t.Item2))];
        // Two points lie on any line.
        if (times.Count < 3)
            return;
        (double a, double b) = Fit([.. times.Select(t => (Math.Log(t.Items), t.Micros))]);
        table.Add(
            library, $"{dim}", $"{k}", at,
            string.Join("; ", times.Select(t => $"{t.Items.ToString("N0", CultureInfo.InvariantCulture)}: {MarkdownTable.Number(t.Micros)}")),
            a.ToString("0.0", CultureInfo.InvariantCulture), b.ToString("0.0", CultureInfo.InvariantCulture),
            string.Join("; ", times.Select(t => ((t.Micros - a - (b * Math.Log(t.Items))) / t.Micros).ToString("+0 %;−0 %;0 %", CultureInfo.InvariantCulture))));
    }
}
