using System.Text;
using KernelPolicy.Bench;
using KernelPolicy.IndexComparison.Datasets;
using KernelPolicy.IndexComparison.Measuring;

namespace KernelPolicy.IndexComparison.Reporting;

/// <summary>What an answer costs beside its mean time: building, memory, the slowest queries; and the exact scan.</summary>
internal sealed class CostSections(ResultSet results)
{
    /// <summary>Build seconds and memory of every graph.</summary>
    public void WriteBuilds(StringBuilder text)
    {
        text.AppendLine("## Build and memory").AppendLine();
        text.AppendLine("Ours shares the items with its owner, the others hold a copy: both sums are given. MiB. Peak memory is that of the"
            + " process after the build; hnswlib's reads the items in blocks, ours and FAISS's hold them all.").AppendLine();
        MarkdownTable table = new(
            "<dataset", "<library", "threads", "build, s", "ours / this", "index with items", "beside items", "peak of process");
        foreach (DatasetMeta dataset in results.Datasets)
        {
            double ours = results.Single(dataset.Name, ResultSet.Ours, MeasureName.BuildSeconds);
            foreach (string library in results.Graphs(dataset.Name))
            {
                Measurement? build = results.Of(dataset.Name, library, MeasureName.BuildSeconds).FirstOrDefault();
                table.Add(
                    dataset.Name, library, $"{build?.Threads}", MarkdownTable.Number(build?.Value ?? double.NaN),
                    MarkdownTable.Ratio(ours / (build?.Value ?? double.NaN)),
                    MarkdownTable.Mebibytes(results.Single(dataset.Name, library, MeasureName.BytesWithItems)),
                    MarkdownTable.Mebibytes(results.Single(dataset.Name, library, MeasureName.BytesBesideItems)),
                    MarkdownTable.Mebibytes(results.Single(dataset.Name, library, MeasureName.PeakRss)));
            }
        }

        table.WriteTo(text);
    }

    /// <summary>Percentiles of single queries.</summary>
    public void WriteLatencies(StringBuilder text)
    {
        text.AppendLine("## Single queries").AppendLine();
        text.AppendLine("K = 10, one thread, one query after the other, at the width that first reaches a recall of 0.95 and of 0.99."
            + " Microseconds. FAISS's include the call from Python.").AppendLine();
        MarkdownTable table = new("<dataset", "<library", "ef", "recall", "p50", "p99", "p99.9");
        foreach (DatasetMeta dataset in results.Datasets)
        {
            foreach (string library in results.Graphs(dataset.Name))
            {
                foreach (Measurement median in results.Of(dataset.Name, library, MeasureName.LatencyP50).DistinctBy(m => m.Ef))
                {
                    table.Add(
                        dataset.Name, library, $"{median.Ef}", $"{median.Recall:0.000}", MarkdownTable.Number(median.Value),
                        MarkdownTable.Number(At(MeasureName.LatencyP99, median.Ef)), MarkdownTable.Number(At(MeasureName.LatencyP999, median.Ef)));
                }

                double At(string measure, int ef) => results.Of(dataset.Name, library, measure).First(m => m.Ef == ef).Value;
            }
        }

        table.WriteTo(text);
    }

    /// <summary>The exact scan and its share of what the machine can do.</summary>
    public void WriteExact(StringBuilder text)
    {
        text.AppendLine("## Exact scan").AppendLine();
        MarkdownTable peaks = new("threads", "multiply-add peak, GFLOP/s", "reading memory, GB/s");
        foreach (Measurement peak in results.Of("machine", "machine", MeasureName.FmaGflops))
            peaks.Add($"{peak.Threads}", MarkdownTable.Number(results.Peak(MeasureName.FmaGflops, peak.Threads)), MarkdownTable.Number(results.Peak(MeasureName.ReadGbps, peak.Threads)));
        peaks.WriteTo(text);
        text.AppendLine("Arithmetic is 2·P·L a query; traffic is the table of items once a batch. The share is the larger of the two, of its"
            + " peak: a table that fits the caches may be read faster than memory, above 100 %.").AppendLine();
        MarkdownTable table = new(
            "<dataset", "K", "threads", "batch", "QPS", "GFLOP/s", "of peak", "GB/s", "of peak", "bound share", "FAISS flat QPS", "ratio");
        foreach (DatasetMeta dataset in results.Datasets)
        {
            foreach (Measurement m in results.Of(dataset.Name, ResultSet.Exact, MeasureName.ExactQps))
            {
                double gflops = 2e-9 * dataset.Items * dataset.Dim * m.Value;
                double gbps = 4e-9 * dataset.Items * dataset.Dim * m.Value / m.Ef;
                double arithmetic = gflops / results.Peak(MeasureName.FmaGflops, m.Threads);
                double traffic = gbps / results.Peak(MeasureName.ReadGbps, m.Threads);
                double faiss = results.Of(dataset.Name, "faiss-flat", MeasureName.ExactQps)
                    .Where(f => (f.K, f.Threads, f.Ef) == (m.K, m.Threads, m.Ef)).Select(f => f.Value).DefaultIfEmpty(double.NaN).First();
                table.Add(
                    dataset.Name, $"{m.K}", $"{m.Threads}", $"{m.Ef}", MarkdownTable.Number(m.Value), MarkdownTable.Number(gflops),
                    MarkdownTable.Percent(arithmetic), MarkdownTable.Number(gbps), MarkdownTable.Percent(traffic),
                    MarkdownTable.Percent(Math.Max(arithmetic, traffic)), MarkdownTable.Number(faiss), MarkdownTable.Ratio(m.Value / faiss));
            }
        }

        table.WriteTo(text);
    }
}
