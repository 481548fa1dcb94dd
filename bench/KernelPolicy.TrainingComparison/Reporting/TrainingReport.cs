using System.Globalization;
using System.Text;
using KernelPolicy.Bench;
using KernelPolicy.TrainingComparison.Measuring;

namespace KernelPolicy.TrainingComparison.Reporting;

/// <summary>report.md: what was compared, ratios, all steps, what the peer tried, facts.</summary>
internal sealed class TrainingReport(StepResults results, string machine, string arguments)
{
    // What is divided by what: theirs, or our own baseline, over ours.
    private static readonly (string Ours, string By, string Against)[] Ratios =
    [
        .. new[] { "pytorch", "pytorch-plain" }.SelectMany(by => new[]
        {
            ("reinforce", by, "reinforce"),
            ("exact", by, "exact"),
            ("mixture", by, "mixture"),
            ("mixture", by, "reinforce"),
            ("strata-64-128", by, "reinforce"),
            ("strata-8-16", by, "reinforce"),
        }),
        ("mixture", "kernelpolicy", "reinforce"),
        ("strata-64-128", "kernelpolicy", "reinforce"),
        ("strata-8-16", "kernelpolicy", "reinforce"),
    ];

    /// <summary>The report.</summary>
    public string Write()
    {
        StringBuilder text = new();
        text.AppendLine("# Training steps of ours and of PyTorch").AppendLine();
        text.AppendLine(CultureInfo.InvariantCulture, $"{machine} Made by `bench/compare-training {arguments}`.").AppendLine();
        text.AppendLine(
            "A step: 32 contexts x from their place in a table of contexts on, H = XΘ, the gradient of Θ by the estimator, Adam. S = 1000; "
            + "mixture: K = 256, ε = 0.8, stratified draws; strata-K-l: top K and a tail of l. Same β, contexts and rewards, float32, the "
            + "same number of threads, in turns. Ours also makes x of its history in each step; PyTorch reads x, and β transposed, from tables made before. "
            + "`pytorch` is the fastest of the forms tried (below), `pytorch-plain` the program that one writes: autograd through log_softmax, "
            + "torch.multinomial, torch.optim.Adam.").AppendLine();
        WriteRatios(text);
        foreach (int items in results.Catalogues)
            WriteSteps(text, items);
        WriteTried(text);
        WriteFacts(text);
        return text.ToString();
    }

    private void WriteRatios(StringBuilder text)
    {
        text.AppendLine("## Ratios").AppendLine();
        text.AppendLine(
            "Medians of the fastest of theirs over the fastest of ours, whatever the index; a peer that is fast because its index finds less is "
            + "not marked down for it (recalls below).").AppendLine();
        int[] catalogues = [.. results.Catalogues];
        MarkdownTable table = new(["<ours", "<against", .. catalogues.Select(p => $"P = {MarkdownTable.Whole(p)}")]);
        foreach ((string ours, string by, string against) in Ratios)
        {
            string whose = by switch { "pytorch" => "PyTorch's {0} at its best", "pytorch-plain" => "PyTorch's {0} as one writes it", _ => "our {0}" };
            table.Add(
            [
                ours,
                string.Format(CultureInfo.InvariantCulture, whose, against),
                .. catalogues.Select(p => MarkdownTable.Ratio(results.Fastest(p, by, against) / results.Fastest(p, "kernelpolicy", ours))),
            ]);
        }

        table.WriteTo(text);
    }

    private void WriteSteps(StringBuilder text, int items)
    {
        text.AppendLine(CultureInfo.InvariantCulture, $"## Steps at P = {MarkdownTable.Whole(items)}").AppendLine();
        MarkdownTable table = new(
            "<estimator", "<by", "<top K by", "ms, median", "10th", "90th", "medians of rounds", "steps", "recall@K", "× PyTorch's REINFORCE",
            "× PyTorch's mixture", "× our REINFORCE");
        double[] baselines =
        [
            results.Fastest(items, "pytorch", "reinforce"),
            results.Fastest(items, "pytorch", "mixture"),
            results.Fastest(items, "kernelpolicy", "reinforce"),
        ];
        foreach (StepRow row in results.Rows.Where(r => r.Items == items))
        {
            table.Add(
            [
                row.Estimator, row.By, row.Index.Length == 0 ? "–" : row.Index,
                MarkdownTable.Number(row.Median), MarkdownTable.Number(row.Percentile10), MarkdownTable.Number(row.Percentile90),
                $"{MarkdownTable.Number(row.LowestRound)} to {MarkdownTable.Number(row.HighestRound)}",
                MarkdownTable.Whole(row.Steps), MarkdownTable.Number(row.Recall),
                .. baselines.Select(b => MarkdownTable.Ratio(b / row.Median)),
            ]);
        }

        table.WriteTo(text);
    }

    private void WriteTried(StringBuilder text)
    {
        text.AppendLine("## What PyTorch was tried with").AppendLine();
        text.AppendLine(
            "The least of nine steps each, before the rounds; the fastest form is what `pytorch` is above.").AppendLine();
        MarkdownTable table = new("P", "<estimator", "<form", "ms");
        foreach (Measurement tried in results.All.Where(m => m.Measure == MeasureName.TriedMs))
            table.Add(MarkdownTable.Whole(tried.Items), tried.Estimator, tried.Note, MarkdownTable.Number(tried.Value));
        table.WriteTo(text);
    }

    private void WriteFacts(StringBuilder text)
    {
        text.AppendLine("## Facts").AppendLine();
        MarkdownTable table = new("P", "<by", "<index", "<what", "value");
        foreach (Measurement fact in results.All)
        {
            (string What, string Value)? cell = fact.Measure switch
            {
                MeasureName.BuildSeconds when fact.Round == Round(fact) => ("seconds to build the index", MarkdownTable.Number(fact.Value)),
                MeasureName.PeakRss when fact.Round == Round(fact) => ("largest memory of the process, MiB", MarkdownTable.Mebibytes(fact.Value)),
                MeasureName.GradientError => ("‖its exact gradient − ours‖ / ‖ours‖ at Θ = I", MarkdownTable.Error(fact.Value)),
                _ => null,
            };
            if (cell is { } shown)
                table.Add(MarkdownTable.Whole(fact.Items), fact.By, fact.Index, shown.What, shown.Value);
        }

        table.WriteTo(text);
        foreach (string about in results.All.Where(m => m.Measure == MeasureName.About).Select(m => m.Note).Distinct())
            text.AppendLine(CultureInfo.InvariantCulture, $"- {about}");
    }

    // Facts that every round repeats are shown once.
    private int Round(Measurement fact) => results.All
        .Where(m => (m.Items, m.By, m.Measure, m.Index) == (fact.Items, fact.By, fact.Measure, fact.Index))
        .Min(m => m.Round);
}
