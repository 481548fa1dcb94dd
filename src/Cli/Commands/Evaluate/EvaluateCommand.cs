using System.CommandLine;
using KernelPolicy.Cli.Display;
using KernelPolicy.Cli.Output;
using Spectre.Console;

namespace KernelPolicy.Cli.Commands;

/// <summary>Says how a trained policy fares.</summary>
internal sealed class EvaluateCommand : ToolCommand
{
    private readonly EvaluateOptionSet _options;

    public EvaluateCommand(ToolContext context)
        : base("evaluate", "Show the reward of a trained policy on users it was not trained on.", context) =>
        _options = Take(new EvaluateOptionSet());

    /// <inheritdoc/>
    public override IReadOnlyList<Example> Examples =>
    [
        new("kernelpolicy evaluate --policy run", "Evaluate on the test users of the training."),
        new("kernelpolicy evaluate --policy run --data newer.csv --users all", "Evaluate on everyone in another file."),
        new("kernelpolicy evaluate --policy run --index hnsw --ef-search 200", "See what a wider search of the graph changes."),
    ];

    /// <inheritdoc/>
    protected override int Run(ParseResult parsed)
    {
        EvaluateRequest request = _options.Bind(parsed);
        EvaluateReport report = Context.Display(request.Output).Show(
            progress => new EvaluationRun(request, progress, Context.Cancellation).Execute());
        return Answer(request.Output, report, ToolJson.Default.EvaluateReport, Write);
    }

    private static void Write(IAnsiConsole console, EvaluateReport report)
    {
        Table rewards = new() { Border = TableBorder.Simple };
        rewards.AddColumn($"{report.Users:N0} users ({report.Part})").AddColumn("reward", column => column.RightAligned());
        rewards.AddRow("most popular item", TrainingText.Reward(report.PopularityReward));
        rewards.AddRow("policy", TrainingText.Reward(report.RewardExact));
        if (report.Index != "exact")
        {
            rewards.AddRow(
                $"policy by {report.Index} (recall {report.IndexRecall:0.000} of {report.IndexRecallK})",
                TrainingText.Reward(report.RewardIndex));
        }

        if (double.IsFinite(report.BestPossibleReward))
            rewards.AddRow("best possible", TrainingText.Reward(report.BestPossibleReward));
        console.Write(rewards);
        console.Write(TopNTable.Create(report.TopN));
        if (report.UnknownItems > 0)
            console.WriteLine($"{report.UnknownItems:N0} items are unknown to the policy; {report.UsersLeftOut:N0} users were left out for it.");
    }
}
