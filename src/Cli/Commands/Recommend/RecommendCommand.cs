using System.CommandLine;
using KernelPolicy.Cli.Output;
using Spectre.Console;

namespace KernelPolicy.Cli.Commands;

/// <summary>Recommends by a trained policy.</summary>
internal sealed class RecommendCommand : ToolCommand
{
    private readonly RecommendOptionSet _options;

    public RecommendCommand(ToolContext context)
        : base("recommend", "Recommend items to given histories or contexts by a trained policy.", context) =>
        _options = Take(new RecommendOptionSet());

    /// <inheritdoc/>
    public override IReadOnlyList<Example> Examples =>
    [
        new("kernelpolicy recommend --policy run --history 318 296 593", "Ten items for someone who had to do with these three."),
        new("kernelpolicy recommend --policy run --histories users.txt --count 5 --json", "Five for each line of a file."),
        new("kernelpolicy recommend --policy run --feature age=31 city=Oslo", "By a policy of train-log whose contexts are features."),
        new("kernelpolicy recommend --shards 10.0.0.5:7000 10.0.0.6:7000 --history 318 --deadline-ms 20", "By shards that serve-shard serves."),
        new("cat users.txt | kernelpolicy recommend --policy run --histories -", "The same from a pipe."),
    ];

    /// <inheritdoc/>
    protected override int Run(ParseResult parsed)
    {
        RecommendRequest request = _options.Bind(parsed);
        RecommendReport report = Context.Display(request.Output).Show(
            progress => request.Shards.Count > 0
                ? new ShardedRecommendationRun(request, Context.Cancellation).Execute()
                : new RecommendationRun(request, progress, Context.Cancellation).Execute());
        return Answer(request.Output, report, ToolJson.Default.RecommendReport, Write);
    }

    private void Write(IAnsiConsole console, RecommendReport report)
    {
        foreach (RecommendationList list in report.Recommendations)
        {
            Table table = new() { Border = TableBorder.Simple };
            table.AddColumn("rank", column => column.RightAligned());
            table.AddColumn(new TableColumn(new Text($"item for {Shortened(list.History)}")));
            table.AddColumn("score", column => column.RightAligned());
            for (int rank = 0; rank < list.Items.Count; rank++)
                table.AddRow(new Text($"{rank + 1}"), new Text(list.Items[rank].Id), new Text($"{list.Items[rank].Score:0.0000}"));
            console.Write(table);
            NoteMissing(list);
        }
    }

    /// <summary>Notes what the list was made without.</summary>
    private void NoteMissing(RecommendationList list)
    {
        bool isPartial = list.MissingShards is { Count: > 0 };
        if (isPartial)
        {
            string without = list.SearchedShare < 1
                ? $"{list.SearchedShare:P0} of the items were searched" : "all items were searched, for what the others know of the history";
            Context.Note($"No answer in time from shard {string.Join(", ", list.MissingShards!)}: {without}.");
        }

        if (list.Unknown.Count > 0)
            Context.Note($"Unknown to {(isPartial ? "the shards that answered" : "the policy")} and passed over: {Shortened(list.Unknown)}.");
    }

    private static string Shortened(IReadOnlyList<string> ids)
    {
        const int Most = 5;
        return string.Join(' ', ids.Take(Most)) + (ids.Count > Most ? $" and {ids.Count - Most} more" : "");
    }
}
