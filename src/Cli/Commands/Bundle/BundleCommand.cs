using System.CommandLine;
using KernelPolicy.Cli.Output;
using Spectre.Console;

namespace KernelPolicy.Cli.Commands;

/// <summary>Makes the one file that a service serves from.</summary>
internal sealed class BundleCommand : ToolCommand
{
    private readonly BundleOptionSet _options;

    public BundleCommand(ToolContext context)
        : base("bundle", "Put a trained policy, its items and their index into one file for services.", context) =>
        _options = Take(new BundleOptionSet());

    /// <inheritdoc/>
    public override IReadOnlyList<Example> Examples =>
    [
        new("kernelpolicy bundle --policy run", "Write run/model.kpolicy."),
        new("kernelpolicy bundle --policy run --out shop.kpolicy --ef-search 128", "Elsewhere, searching more widely."),
    ];

    /// <inheritdoc/>
    protected override int Run(ParseResult parsed)
    {
        BundleRequest request = _options.Bind(parsed);
        BundleReport report = Context.Display(request.Output).Show(
            progress => new BundleRun(request, progress, Context.Cancellation).Execute());
        return Answer(request.Output, report, ToolJson.Default.BundleReport, Write);
    }

    private static void Write(IAnsiConsole console, BundleReport report) => console.WriteLine(
        $"{report.File}: {report.Items:N0} items of {report.Dimension} dimensions, {report.Bytes / (double)(1 << 20):N1} MiB, "
        + $"efSearch {report.EfSearch}.");
}
