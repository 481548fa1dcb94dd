using System.Globalization;
using System.Text;
using KernelPolicy.Bench;
using KernelPolicy.KernelReport.Scaling;

namespace KernelPolicy.KernelReport.Reporting;

/// <summary>What epochs would take at catalogues that were not measured, and where one machine ends.</summary>
/// <param name="scalings">Every estimator on every path, of one L.</param>
/// <param name="memory">What a training keeps.</param>
/// <param name="peaks">The machine.</param>
/// <param name="items">P.</param>
/// <param name="contexts">N.</param>
internal sealed class ScalingReport(
    IReadOnlyList<StepScaling> scalings, TrainingMemory memory, MachinePeaks peaks, IReadOnlyList<double> items, double contexts)
{
    private (string Name, double Item)[] Kinds =>
        [("β alone (exact, uniform, scans)", memory.PlainItem), ("with a graph", memory.GraphItem), ("REINFORCE", memory.ReinforceItem)];

    /// <summary>The whole text.</summary>
    /// <param name="files">What the steps were read from.</param>
    public string Markdown(IReadOnlyList<string> files)
    {
        StringBuilder text = new();
        text.AppendLine("# Epochs at larger catalogues, computed").AppendLine();
        text.AppendLine(
            CultureInfo.InvariantCulture,
            $"L = {memory.Dimension}, B = {memory.BatchSize}, N = {contexts:N0} contexts, {memory.History} + {memory.Rewarded} items each. **Beyond the largest catalogue measured these are expectations.**");
        text.AppendLine(
            CultureInfo.InvariantCulture,
            $"Steps of {string.Join(", ", files.Select(Path.GetFileName))}; memory read at {peaks.ReadRate / 1e9:0.0} GB/s, {peaks.MemoryBytes / (1L << 30):0.0} GiB.").AppendLine();
        text.AppendLine("A step takes t(P) = max(a + b·g(P), bytes(P) / rate of reading): a, b ≥ 0 by least squares of relative errors; g is 0 for draws");
        text.AppendLine("alone, ln P for a graph, P for a pass over the catalogue; bytes(P) is fitted to the bytes counted by the same rule, and bounds SIMD alone. An epoch");
        text.AppendLine("is ⌈N/B⌉ steps. A graph keeps its efSearch, and finds less of a larger catalogue at the same one: recall is not held here.");
        text.AppendLine("Made by `KernelPolicy.KernelReport -- scaling`.").AppendLine();
        WriteTimes(text, "A step, in milliseconds", (scaling, p) => MarkdownTable.Number(Step(scaling, p) * 1e3));
        WriteTimes(text, "An epoch", (scaling, p) => Duration(Math.Ceiling(contexts / memory.BatchSize) * Step(scaling, p)));
        WriteMemory(text);
        return text.ToString();
    }

    /// <summary>A time as people say it.</summary>
    internal static string Duration(double seconds) => seconds switch
    {
        < 120 => $"{MarkdownTable.Number(seconds)} s",
        < 7200 => $"{MarkdownTable.Number(seconds / 60)} min",
        < 172_800 => $"{MarkdownTable.Number(seconds / 3600)} h",
        _ => $"{MarkdownTable.Number(seconds / 86_400)} days",
    };

    // A device reads its own memory, whose rate is not the machine's.
    private double Step(StepScaling scaling, double p) =>
        scaling.Path == "simd" ? scaling.StepSeconds(p, peaks) : scaling.StepSeconds(p, peaks with { ReadRate = double.PositiveInfinity });

    private void WriteTimes(StringBuilder text, string heading, Func<StepScaling, double, string> cell)
    {
        text.AppendLine(CultureInfo.InvariantCulture, $"## {heading}").AppendLine();
        MarkdownTable table = new(["<path", "<estimator", "measured up to", .. items.Select(p => $"P = {MarkdownTable.Whole((long)p)}")]);
        foreach (StepScaling scaling in scalings)
        {
            table.Add([
                scaling.Path, scaling.Estimator, MarkdownTable.Whole((long)scaling.LargestMeasured), .. items.Select(p => cell(scaling, p)),
            ]);
        }

        table.WriteTo(text);
    }

    private void WriteMemory(StringBuilder text)
    {
        text.AppendLine("## Where one machine ends").AppendLine();
        text.AppendLine(
            CultureInfo.InvariantCulture,
            $"GiB of a training on the processor; the {MarkdownTable.Whole((long)contexts)} contexts take {Gibibytes(contexts * memory.Context)} of them. Item numbers are 32-bit: P and N below 2,147,483,648.");
        text.AppendLine();
        MarkdownTable table = new(
            ["<kept", "bytes an item", .. items.Select(p => $"P = {MarkdownTable.Whole((long)p)}"), "most items beside N", .. items.Select(p => $"most contexts at {MarkdownTable.Whole((long)p)}")]);
        foreach ((string name, double item) in Kinds)
        {
            table.Add([
                name, MarkdownTable.Number(item),
                .. items.Select(p => Gibibytes(memory.Total(p, item, contexts)) + (memory.Total(p, item, contexts) <= peaks.MemoryBytes ? "" : " (too much)")),
                Most(memory.MostItems(peaks.MemoryBytes, item, contexts)),
                .. items.Select(p => Most(memory.MostContexts(peaks.MemoryBytes, item, p))),
            ]);
        }

        table.WriteTo(text);
    }

    private static string Most(double count) => count < 1 ? "none" : MarkdownTable.Whole((long)Math.Min(count, int.MaxValue));

    private static string Gibibytes(double bytes) => MarkdownTable.Number(bytes / (1L << 30));
}
