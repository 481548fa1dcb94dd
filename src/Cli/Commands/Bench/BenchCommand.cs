using System.CommandLine;
using System.Globalization;
using KernelPolicy.Cli.Devices;
using KernelPolicy.Cli.Output;
using Spectre.Console;

namespace KernelPolicy.Cli.Commands;

/// <summary>Says what training costs on this machine.</summary>
internal sealed class BenchCommand : ToolCommand
{
    private readonly BenchOptionSet _options;

    public BenchCommand(ToolContext context)
        : base("bench", "Time training steps on a synthetic catalogue of any size.", context) =>
        _options = Take(new BenchOptionSet());

    /// <inheritdoc/>
    public override IReadOnlyList<Example> Examples =>
    [
        new("kernelpolicy bench", "Strata on 750,000 items, through a graph that is built first."),
        new("kernelpolicy bench --estimator uniform --threads 1", "Uniform draws, which need no index, on one thread."),
        new("kernelpolicy bench --device opencl --index exact --profile", "A device that scans, and what each of its kernels takes."),
        new("kernelpolicy bench --items 100000 --dim 64 --index exact --json", "A smaller catalogue scanned whole."),
    ];

    /// <inheritdoc/>
    protected override int Run(ParseResult parsed)
    {
        BenchRequest request = _options.Bind(parsed);
        BenchReport report = Context.Display(request.Output).Show(
            progress => new BenchRun(request, progress, Context.Cancellation).Execute());
        return Answer(request.Output, report, ToolJson.Default.BenchReport, Write);
    }

    private static void Write(IAnsiConsole console, BenchReport report)
    {
        Table table = new() { Border = TableBorder.Simple };
        table.AddColumn("figure").AddColumn("value", column => column.RightAligned());
        Add("estimator", $"{report.Estimator} {report.EstimatorSettings}".Trim());
        Add("runs on", report.Runner);
        Add("index", report.Index ?? report.TopKBy ?? "none");
        Add("step", Number(report.MsPerStep, "ms"));
        Add("step, 95th of 100", Number(report.MsPerStepP95, "ms"));
        Add("step, in bulk", Number(report.MsPerStepInBulk, "ms"));
        Add("query of the index", Number(report.MsQuery, "ms"));
        Add("step without the query", Number(report.MsWithoutQuery, "ms"));
        Add("recall of the index", Number(report.Recall, ""));
        Add("allocated a step", Number(report.BytesAllocatedPerStep, "bytes"));
        if (double.IsFinite(report.LaunchesPerStep))
        {
            Add("kernels launched a step", Number(report.LaunchesPerStep, ""));
            Add("to the device a step", Number(report.UpBytesPerStep, "bytes"));
            Add("from the device a step", Number(report.DownBytesPerStep, "bytes"));
        }

        foreach (KernelFigures kernel in report.Kernels ?? [])
            Add($"kernel: {kernel.Kernel}", Number(kernel.MsPerStep, "ms"));
        Add("item embeddings", Number(report.ItemsMb, "MiB"));
        Add("index beside them", Number(report.IndexMb, "MiB"));
        Add("largest memory", Number(report.PeakRssMb, "MiB"));
        Add("building the index", Number(report.BuildSeconds, "s"));
        console.Write(table);

        void Add(string name, string value) => table.AddRow(new Text(name), new Text(value));
    }

    private static string Number(double value, string unit) =>
        double.IsFinite(value) ? string.Create(CultureInfo.InvariantCulture, $"{value:0.###} {unit}").Trim() : "–";
}
