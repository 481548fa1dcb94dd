using System.Globalization;
using System.Text;
using KernelPolicy.Bench;
using KernelPolicy.Distributed;
using KernelPolicy.KernelReport.Spreading;

namespace KernelPolicy.KernelReport.Reporting;

/// <summary>What epochs would take on more machines, by the way of spreading and the network.</summary>
/// <param name="training">What is trained.</param>
/// <param name="measured">The steps that it was fitted to, of one kind.</param>
/// <param name="links">Networks.</param>
/// <param name="machines">n.</param>
/// <param name="share">The share of a step that machines may wait.</param>
internal sealed class SpreadReport(
    SpreadTraining training, IReadOnlyList<MeasuredStep> measured, IReadOnlyList<NamedLink> links, IReadOnlyList<int> machines, double share)
{
    private int Dimension => training.Memory.Dimension;

    /// <summary>The whole text.</summary>
    /// <param name="files">What the steps were read from.</param>
    public string Markdown(IReadOnlyList<string> files)
    {
        StringBuilder text = new();
        MeasuredStep first = measured[0];
        text.AppendLine("# Epochs on more machines, computed").AppendLine();
        text.AppendLine(
            CultureInfo.InvariantCulture,
            $"P = {training.Items:N0} items, N = {training.Contexts:N0} contexts of {training.Memory.History} + {training.Memory.Rewarded} items, L = {Dimension}; {first.Estimator}; {first.By}.");
        text.AppendLine("**Computed from one machine's steps and from what a network does to messages; no such training was run.**");
        text.AppendLine(
            CultureInfo.InvariantCulture,
            $"Steps of {string.Join(", ", files.Select(Path.GetFileName))}, {first.Threads} threads, B = {first.BatchSize}; made by `KernelPolicy.KernelReport -- spread-model`. The model: `src/Distributed/Cost`.");
        text.AppendLine("Contexts spread: a step is of n·B contexts, and what so large a step does to learning is not in this account. Items spread: every machine");
        text.AppendLine("works on the same B contexts, holds all of them, and saves what a graph over P/n items is faster than one over P.").AppendLine();
        WriteMeasured(text);
        WriteBytes(text);
        foreach (NamedLink link in links)
            WriteLink(text, link);
        return text.ToString();
    }

    private void WriteMeasured(StringBuilder text)
    {
        text.AppendLine("## A context on one machine, in microseconds").AppendLine();
        MarkdownTable table = new(["P", "retrieval, measured", "fitted", "the rest, measured", "fitted"]);
        foreach (MeasuredStep step in measured.OrderBy(step => step.Items))
        {
            table.Add([
                MarkdownTable.Whole((long)step.Items), Micro(step.QuerySeconds / step.BatchSize), Micro(training.Retrieval.At(step.Items)),
                Micro(step.RestSeconds / step.BatchSize), Micro(training.Rest.At(step.Items)),
            ]);
        }

        table.Add([MarkdownTable.Whole((long)training.Items), "–", Micro(training.Retrieval.At(training.Items)), "–", Micro(training.Rest.At(training.Items))]);
        table.WriteTo(text);
    }

    private void WriteBytes(StringBuilder text)
    {
        text.AppendLine("## Memory of a machine, in GiB, and bytes of a step on the network, all machines together").AppendLine();
        MarkdownTable table = new(["machines", "contexts spread: memory", "bytes a step", "items spread: memory", "bytes a context"]);
        foreach (int n in machines)
        {
            SpreadModel model = new(links[0].Model, n, Dimension);
            table.Add([
                MarkdownTable.Whole(n), Gibibytes(training.ContextsSpreadMemory(n)), MarkdownTable.Whole(model.ContextsSpreadBytes),
                Gibibytes(training.ItemsSpreadMemory(n)), MarkdownTable.Whole(model.ItemsSpreadBytes(LargeBatch) / LargeBatch),
            ]);
        }

        table.WriteTo(text);
    }

    private void WriteLink(StringBuilder text, NamedLink link)
    {
        text.AppendLine(CultureInfo.InvariantCulture, $"## {link.Name}").AppendLine();
        text.AppendLine(
            CultureInfo.InvariantCulture,
            $"{link.MessageMicroseconds:0.###} µs a message. B is the smallest batch at which a machine waits for the network in less than {share:0 %} of a step:");
        text.AppendLine("where contexts are spread that of one machine, where items are, that of all.").AppendLine();
        MarkdownTable table = new(["machines", "contexts spread: B", "waits", "epoch", "speed-up", "items spread: B", "waits", "epoch", "speed-up"]);
        double alone = new SpreadModel(link.Model, 1, Dimension).ContextsSpread(training.Cost(training.Items), (int)training.Memory.BatchSize).EpochSeconds(training.Contexts);
        foreach (int n in machines)
        {
            SpreadModel model = new(link.Model, n, Dimension);
            table.Add([MarkdownTable.Whole(n), .. Cells(training.ContextsSpread(model, share), alone), .. Cells(training.ItemsSpread(model, share), alone)]);
        }

        table.WriteTo(text);
    }

    private string[] Cells((int? BatchSize, SpreadStep Step) way, double alone)
    {
        double epoch = way.Step.EpochSeconds(training.Contexts);
        return
        [
            way.BatchSize is { } size ? MarkdownTable.Whole(size) : "none", MarkdownTable.Percent(way.Step.WaitingShare), ScalingReport.Duration(epoch),
            MarkdownTable.Ratio(alone / epoch),
        ];
    }

    // Large enough that its tables are joined in parts, on any number of machines above 2.
    private const int LargeBatch = 1024;

    private static string Micro(double seconds) => MarkdownTable.Number(seconds * 1e6);

    private static string Gibibytes(double bytes) => MarkdownTable.Number(bytes / (1L << 30));
}
