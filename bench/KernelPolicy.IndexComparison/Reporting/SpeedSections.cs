using System.Text;
using KernelPolicy.Bench;

namespace KernelPolicy.IndexComparison.Reporting;

/// <summary>Who is how fast: ours against the best of hnswlib at equal recall, then every library.</summary>
internal sealed class SpeedSections(ResultSet results)
{
    private static readonly double[] Recalls = [0.95, 0.99];

    /// <summary>Ours against the best variant of hnswlib at each recall, one row a dataset, K and number of threads.</summary>
    public void WriteSummary(StringBuilder text)
    {
        text.AppendLine("## Queries per second at equal recall, ours against the best of hnswlib").AppendLine();
        MarkdownTable table = new(
            "<dataset", "K", "threads", "ours at 0.95", "hnswlib", "ratio", "ours at 0.99", "hnswlib", "ratio");
        foreach (Row row in Rows())
        {
            table.Add(
                row.Dataset, $"{row.K}", $"{row.Threads}",
                row.Ours[0], row.Peer[0], MarkdownTable.Ratio(row.Ratio[0]),
                row.Ours[1], row.Peer[1], MarkdownTable.Ratio(row.Ratio[1]));
        }

        table.WriteTo(text);
        text.AppendLine("A ratio is missing where one of the two does not reach the recall.").AppendLine();
    }

    /// <summary>The same rows, for the console.</summary>
    public IEnumerable<Row> Rows()
    {
        foreach (var dataset in results.Datasets)
        {
            foreach ((int k, int threads) in results.Panels(dataset.Name))
            {
                RecallCurve ours = results.Curve(dataset.Name, ResultSet.Ours, k, threads);
                List<(string Name, RecallCurve Curve)> peers =
                    [.. results.Graphs(dataset.Name).Where(ResultSet.IsHnswlib).Select(name => (name, results.Curve(dataset.Name, name, k, threads)))];
                var best = Recalls.Select(recall => Best(peers, recall)).ToArray();
                yield return new Row(
                    dataset.Name, k, threads,
                    [.. Recalls.Select(recall => ours.SpeedAt(recall))],
                    [.. best.Select(b => b.Text)],
                    [.. Recalls.Select((recall, i) => ours.QpsAt(recall) / best[i].Qps)]);
            }
        }
    }

    /// <summary>Every library, one table a dataset and K; its plot beside it.</summary>
    public void WriteDetails(StringBuilder text)
    {
        text.AppendLine("## Every library").AppendLine();
        foreach (var dataset in results.Datasets.Where(d => results.Panels(d.Name).Count > 0))
        {
            text.AppendLine($"### {dataset.Name}").AppendLine();
            text.AppendLine($"![Recall against queries per second](plots/{dataset.Name}.png)").AppendLine();
            MarkdownTable table = new("<library", "K", "threads", "QPS at 0.95", "QPS at 0.99", "max recall", "at ef");
            foreach ((int k, int threads) in results.Panels(dataset.Name))
            {
                foreach (string library in results.Graphs(dataset.Name))
                {
                    RecallCurve curve = results.Curve(dataset.Name, library, k, threads);
                    if (curve.IsEmpty)
                        continue;
                    var last = curve.Points.MaxBy(p => p.Recall)!;
                    table.Add(
                        library, $"{k}", $"{threads}", curve.SpeedAt(Recalls[0]), curve.SpeedAt(Recalls[1]),
                        $"{last.Recall:0.0000}", $"{last.Ef}");
                }
            }

            table.WriteTo(text);
        }
    }

    private static (double Qps, string Text) Best(List<(string Name, RecallCurve Curve)> peers, double recall)
    {
        var reached = peers.Where(p => !double.IsNaN(p.Curve.QpsAt(recall))).ToList();
        if (reached.Count > 0)
        {
            (string name, RecallCurve curve) = reached.MaxBy(p => p.Curve.QpsAt(recall));
            return (curve.QpsAt(recall), $"{MarkdownTable.Number(curve.QpsAt(recall))} ({name["hnswlib-".Length..]})");
        }

        var closest = peers.Where(p => !p.Curve.IsEmpty).OrderByDescending(p => p.Curve.MaxRecall).FirstOrDefault();
        return (double.NaN, closest.Curve is null ? "–" : closest.Curve.SpeedAt(recall));
    }

    /// <summary>One line of the summary; arrays by recall.</summary>
    internal sealed record Row(string Dataset, int K, int Threads, string[] Ours, string[] Peer, double[] Ratio);
}
