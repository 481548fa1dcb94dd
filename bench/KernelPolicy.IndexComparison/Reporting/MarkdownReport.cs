using System.Globalization;
using System.Text;
using KernelPolicy.Bench;
using KernelPolicy.IndexComparison.Measuring;

namespace KernelPolicy.IndexComparison.Reporting;

/// <summary>The report of a run: machine and command first, since a figure without them says nothing.</summary>
internal sealed class MarkdownReport(ResultSet results, string arguments)
{
    private const string Method =
        """
        Queries per second: all queries in one call (hnswlib: one parallel loop, as its Python binding does), repeated for a
        least time; the best of three passes (of two where a call takes half a second, one where it takes a second). Recall is
        the share of the exact top K, by item number. Speeds at a recall are interpolated, linear in recall and in the logarithm
        of the speed, between neighbours of those points that no other beats. A curve ends at recall 0.9995 or where a call
        takes too long. All graphs of a dataset have the same M and efConstruction; items are inserted in the given order.
        """;

    /// <summary>The whole text.</summary>
    public string Write()
    {
        StringBuilder text = new();
        text.AppendLine("# Index comparison").AppendLine();
        text.AppendLine(CultureInfo.InvariantCulture, $"{DateTime.UtcNow:yyyy-MM-dd}. {About("machine", "machine")}.").AppendLine();
        text.AppendLine($"Command: `bench/compare-index{(arguments.Length > 0 ? " " + arguments : "")}`.").AppendLine();
        text.AppendLine(Method.ReplaceLineEndings(Environment.NewLine)).AppendLine();
        SpeedSections speeds = new(results);
        speeds.WriteSummary(text);
        CostSections costs = new(results);
        costs.WriteBuilds(text);
        costs.WriteLatencies(text);
        costs.WriteExact(text);
        new ScalingSection(results).Write(text);
        speeds.WriteDetails(text);
        WriteDatasets(text);
        WriteLibraries(text);
        return text.ToString();
    }

    private void WriteDatasets(StringBuilder text)
    {
        text.AppendLine("## Datasets").AppendLine();
        text.AppendLine("Tied queries have equal exact scores at the end of the top K, where recall by item number may err against a library.").AppendLine();
        MarkdownTable table = new("<dataset", "P", "L", "queries", "norms, deviation / mean", "tied at 10", "tied at 256", "<made of");
        foreach (var d in results.Datasets)
        {
            table.Add(
                d.Name, d.Items.ToString("N0", CultureInfo.InvariantCulture), $"{d.Dim}", $"{d.Queries}",
                MarkdownTable.Number(d.NormVariation), $"{d.Tied10}", $"{d.Tied256}", d.About);
        }

        table.WriteTo(text);
    }

    private void WriteLibraries(StringBuilder text)
    {
        text.AppendLine("## What was measured").AppendLine();
        foreach (Measurement m in results.All.Where(m => m.Measure == MeasureName.About && m.Dataset != "machine"))
            text.AppendLine($"- {m.Dataset}, {m.Library}: {m.Note}");
    }

    private string About(string dataset, string library) =>
        results.Of(dataset, library, MeasureName.About).Select(m => m.Note).DefaultIfEmpty("Machine unknown").First();
}
