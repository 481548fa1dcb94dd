using System.CommandLine;
using KernelPolicy.Cli.Output;
using KernelPolicy.Distributed;
using KernelPolicy.Policy;
using Spectre.Console;

namespace KernelPolicy.Cli.Commands;

/// <summary>Serves one shard of a policy to fronts on other machines.</summary>
internal sealed class ServeShardCommand : ToolCommand
{
    private readonly ServeShardOptionSet _options;

    public ServeShardCommand(ToolContext context)
        : base("serve-shard", "Serve one bundle of a sharded policy over TCP, until stopped.", context) =>
        _options = Take(new ServeShardOptionSet());

    /// <inheritdoc/>
    public override IReadOnlyList<Example> Examples =>
    [
        new("kernelpolicy serve-shard --bundle model.00-of-04.kpolicy --listen 0.0.0.0:7000", "To all who can reach the port."),
        new("kernelpolicy recommend --shards 10.0.0.5:7000 10.0.0.6:7000 --history 318", "Ask two shards that are served so."),
    ];

    /// <inheritdoc/>
    protected override int Run(ParseResult parsed)
    {
        ServeShardRequest request = _options.Bind(parsed);
        LocalShard shard = Context.Display(request.Output).Show(progress =>
        {
            progress.Begin("open");
            LocalShard opened = LocalShard.Open(request.Bundle, request.Threads, new RecommenderOptions { EfSearch = request.EfSearch });
            progress.End($"{opened.Place.Count:N0} items");
            return opened;
        });
        try
        {
            using ShardServer server = new(shard, request.Address, ownsShard: false);
            ShardPlace place = shard.Place;
            Answer(
                request.Output,
                new ServeShardReport($"{server.Address}", place.Set, place.Shard, place.Shards, place.First, place.Count, place.Items, place.Dimension),
                ToolJson.Default.ServeShardReport,
                Write);
            Context.Output.Flush();
            Context.Cancellation.WaitHandle.WaitOne();
        }
        finally
        {
            shard.Dispose();
        }

        return ExitCode.Success;
    }

    private static void Write(IAnsiConsole console, ServeShardReport report) => console.WriteLine(
        $"Shard {report.Shard} of {report.Shards}, items {report.First:N0} to {report.First + report.Count - 1:N0} of {report.Items:N0}, is served at "
        + $"{report.Address} until Ctrl-C.");
}

/// <summary>A shard that is served, as --json tells of it.</summary>
/// <param name="Address">Where.</param>
/// <param name="Set">What tells its set from others.</param>
/// <param name="Shard">s.</param>
/// <param name="Shards">n.</param>
/// <param name="First">The number of its first item among all.</param>
/// <param name="Count">Items that it holds.</param>
/// <param name="Items">P.</param>
/// <param name="Dimension">L.</param>
internal sealed record ServeShardReport(string Address, string Set, int Shard, int Shards, int First, int Count, int Items, int Dimension);
