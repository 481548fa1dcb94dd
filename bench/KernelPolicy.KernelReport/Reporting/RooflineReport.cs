using System.Globalization;
using System.Text;
using KernelPolicy.Bench;
using KernelPolicy.KernelReport.Roofline;

namespace KernelPolicy.KernelReport.Reporting;

/// <summary>What steps would take on a device that was not at hand.</summary>
/// <param name="device">The device.</param>
internal sealed class RooflineReport(RooflineDevice device)
{
    private const double Samples = 1000;
    private const double TopK = 256;
    private const double Batch = 32;

    private static readonly double[] Catalogues = [100_000, 750_000, 1_000_000];
    private static readonly int[] Dimensions = [64, 100];
    private static readonly (string Name, Func<StepCosts, IReadOnlyList<KernelCost>> Kernels)[] Methods =
        [("uniform", step => step.Uniform()), ("mixture", step => step.Mixture()), ("exact", step => step.Exact()), ("REINFORCE", step => step.Reinforce())];

    private readonly RooflineDevice _assumed = device with { MemoryShare = 0.6, ArithmeticShare = 0.5 };

    /// <summary>The whole text.</summary>
    public string Markdown()
    {
        StringBuilder text = new();
        text.AppendLine($"# Training steps on {device.Name}, computed").AppendLine();
        text.AppendLine("**Nothing here was run.** No NVIDIA device was at hand: the kernels were compiled and assembled (`kernels.md`), and what a step");
        text.AppendLine("would take follows from what each kernel reads, writes and computes, counted from its source (`bench/KernelPolicy.KernelReport/Roofline`).");
        text.AppendLine("It is a limit and a guess, not a measurement.").AppendLine();
        text.AppendLine("Made by `dotnet run -c Release --project bench/KernelPolicy.KernelReport -- roofline`.").AppendLine();
        WriteMethod(text);
        WriteSteps(text);
        WriteRatios(text);
        foreach (string method in (string[])["mixture", "REINFORCE", "uniform", "exact"])
            WriteKernels(text, method, Step(1_000_000, 100));
        return text.ToString();
    }

    private void WriteMethod(StringBuilder text)
    {
        text.AppendLine(CultureInfo.InvariantCulture, $"B = {Batch}, S = {Samples}, K = {TopK}, single precision. A kernel takes the longest of:").AppendLine();
        text.AppendLine(CultureInfo.InvariantCulture, $"- memory: bytes of a table that does not fit the {device.CacheBytes / 1e6:0} MB of cache, at {device.MemoryRate / 1e12:0.00} TB/s;");
        text.AppendLine(CultureInfo.InvariantCulture, $"- cache: all other bytes, at {device.CacheRate / 1e12:0.0} TB/s;");
        text.AppendLine(CultureInfo.InvariantCulture, $"- arithmetic: operations in single precision, at {device.ArithmeticRate / 1e12:0} TFLOP/s, no tensor cores;");
        text.AppendLine(CultureInfo.InvariantCulture, $"- waiting: steps of one thread that follow each other, at {device.NearSeconds * 1e9:0} ns in shared memory, {device.FarSeconds * 1e9:0} ns in the cache (assumed).").AppendLine();
        text.AppendLine(CultureInfo.InvariantCulture, $"A launch of fewer groups than the {device.Multiprocessors} multiprocessors has that part of the rates. Each launch adds {device.LaunchSeconds * 1e6:0} µs. Histories and");
        text.AppendLine(CultureInfo.InvariantCulture, $"rewarded items: {StepCosts.History} a context (assumed). \"Limit\" is at these rates; \"assumed\" at {_assumed.MemoryShare:0 %} of those of memory and cache and");
        text.AppendLine(CultureInfo.InvariantCulture, $"{_assumed.ArithmeticShare:0 %} of that of arithmetic, which nobody has measured for these kernels. Waits overlap with nothing in this account but their own kernel.").AppendLine();
    }

    private void WriteSteps(StringBuilder text)
    {
        text.AppendLine("## A step, in microseconds").AppendLine();
        MarkdownTable table = new(["P", "L", .. Methods.SelectMany(method => new[] { method.Name + ", limit", "assumed" })]);
        foreach (StepCosts step in Steps())
        {
            table.Add([
                MarkdownTable.Whole((long)step.P), $"{step.L}",
                .. Methods.SelectMany(method => new[] { Micro(device.Time(method.Kernels(step))), Micro(_assumed.Time(method.Kernels(step))) }),
            ]);
        }

        table.WriteTo(text);
    }

    private void WriteRatios(StringBuilder text)
    {
        text.AppendLine("## How many times faster than REINFORCE").AppendLine();
        text.AppendLine("The paper has 5 × for the mixture and 10 × for uniform draws, measured on devices of its own, with an approximate index for the");
        text.AppendLine("mixture; here the device scores every item, and REINFORCE is our fused pass, not a softmax of stored scores. A scan has half the");
        text.AppendLine("arithmetic of that pass: with one, the mixture cannot be 5 × as fast, however well its kernels are written. \"Spread\" is the mixture");
        text.AppendLine("with its choice of groups on all multiprocessors, not one a query; \"without query\" has its top K for nothing.").AppendLine();
        (string Name, Func<StepCosts, IReadOnlyList<KernelCost>> Kernels)[] faster =
        [
            ("mixture", step => step.Mixture()), ("spread", step => step.MixtureSpread()),
            ("without query", step => step.MixtureWithoutQuery()), ("uniform", step => step.Uniform()),
        ];
        MarkdownTable table = new(["P", "L", .. faster.SelectMany(method => new[] { method.Name + ", limit", "assumed" })]);
        foreach (StepCosts step in Steps())
        {
            table.Add([
                MarkdownTable.Whole((long)step.P), $"{step.L}",
                .. faster.SelectMany(method => new[] { Ratio(device, step, method.Kernels(step)), Ratio(_assumed, step, method.Kernels(step)) }),
            ]);
        }

        table.WriteTo(text);
    }

    private void WriteKernels(StringBuilder text, string method, StepCosts step)
    {
        text.AppendLine(CultureInfo.InvariantCulture, $"## Kernels of a step: {method}, P = {step.P:N0}, L = {step.L}").AppendLine();
        MarkdownTable table = new("<kernel", "groups", "table, MB", "cache, MB", "GFLOP", "limit, µs", "<bound by", "assumed, µs", "<bound by");
        foreach (KernelCost cost in Methods.First(m => m.Name == method).Kernels(step))
        {
            KernelTime limit = device.Time(cost), assumed = _assumed.Time(cost);
            table.Add(
                cost.Kernel, MarkdownTable.Whole((long)cost.Groups), MarkdownTable.Number(cost.TableBytes / 1e6), MarkdownTable.Number(cost.CacheBytes / 1e6),
                MarkdownTable.Number(cost.Operations / 1e9), Micro(limit.Seconds), limit.Bound, Micro(assumed.Seconds), assumed.Bound);
        }

        table.WriteTo(text);
    }

    private static string Ratio(RooflineDevice at, StepCosts step, IReadOnlyList<KernelCost> kernels) =>
        MarkdownTable.Number(at.Time(step.Reinforce()) / at.Time(kernels)) + " ×";

    private static string Micro(double seconds) => MarkdownTable.Number(seconds * 1e6);

    private IEnumerable<StepCosts> Steps() => Catalogues.SelectMany(_ => Dimensions, Step);

    private StepCosts Step(double items, int dimension) => new(items, dimension, Samples, TopK, Batch, device.Multiprocessors);
}
