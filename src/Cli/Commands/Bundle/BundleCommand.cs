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
        new("kernelpolicy bundle --policy run --shards 4", "Write run/model.00-of-04.kpolicy and three more, for four machines."),
    ];

    /// <inheritdoc/>
    protected override int Run(ParseResult parsed)
    {
        BundleRequest request = _options.Bind(parsed);
        if (request.Shards is { } shards)
        {
            ShardedBundleReport sharded = Context.Display(request.Output).Show(
                progress => new BundleRun(request, progress, Context.Cancellation).ExecuteSharded(shards));
            return Answer(request.Output, sharded, ToolJson.Default.ShardedBundleReport, Write);
        }

        BundleReport report = Context.Display(request.Output).Show(
            progress => new BundleRun(request, progress, Context.Cancellation).Execute());
        return Answer(request.Output, report, ToolJson.Default.BundleReport, Write);
    }

    private static void Write(IAnsiConsole console, BundleReport report) => console.WriteLine(
        $"{report.File}: {report.Items:N0} items of {report.Dimension} dimensions, {report.Bytes / (double)(1 << 20):N1} MiB, "
        + $"efSearch {report.EfSearch}.");

    private static void Write(IAnsiConsole console, ShardedBundleReport report)
    {
        foreach (ShardReport shard in report.Shards)
        {
            console.WriteLine(
                $"{shard.File}: items {shard.First:N0} to {shard.First + shard.Items - 1:N0} of {report.Items:N0}, {shard.Bytes / (double)(1 << 20):N1} MiB.");
        }

        console.WriteLine($"Set {report.Set}.");
    }
}
