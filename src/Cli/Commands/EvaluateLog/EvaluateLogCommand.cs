using System.CommandLine;
using KernelPolicy.Cli.Output;
using Spectre.Console;

namespace KernelPolicy.Cli.Commands;

/// <summary>Says what a log tells of a policy's value.</summary>
internal sealed class EvaluateLogCommand : ToolCommand
{
    private readonly EvaluateLogOptionSet _options;

    public EvaluateLogCommand(ToolContext context)
        : base("evaluate-log", "Estimate the value of a policy from another policy's log, with intervals and warnings.", context) =>
        _options = Take(new EvaluateLogOptionSet());

    /// <inheritdoc/>
    public override IReadOnlyList<Example> Examples =>
    [
        new("kernelpolicy evaluate-log --policy run", "Evaluate a policy of train-log on the test decisions of its training."),
        new("kernelpolicy evaluate-log --policy run --log newer.csv", "Evaluate it on all of another log over the same items."),
        new("kernelpolicy evaluate-log --log decisions.csv --uniform", "What would choosing blindly have earned?"),
        new(
            "kernelpolicy evaluate-log --log decisions.csv --probabilities-column new_policy --confidence 0.9",
            "Evaluate a policy of your own by its probabilities of the actions taken."),
    ];

    /// <inheritdoc/>
    protected override int Run(ParseResult parsed)
    {
        EvaluateLogRequest request = _options.Bind(parsed);
        EvaluateLogReport report = Context.Display(request.Output).Show(
            progress => new LogEvaluationRun(request, progress, Context.Cancellation).Execute());
        return Answer(request.Output, report, ToolJson.Default.EvaluateLogReport, Write);
    }

    private static void Write(IAnsiConsole console, EvaluateLogReport report)
    {
        if (report.TrueValues is { } values)
            TrueValueTable.Write(console, values, report.Policy);
        console.WriteLine(
            $"{report.Policy} on {report.Decisions:N0} decisions ({report.Part}) over {report.Items:N0} items, {report.Propensities} propensities:");
        OffPolicyTable.Write(console, report.Evaluation);
    }
}
