using System.CommandLine;
using KernelPolicy.Cli.Output;
using Spectre.Console;

namespace KernelPolicy.Cli.Commands;

/// <summary>Trains a policy on logged decisions and says what it is worth.</summary>
internal sealed class TrainLogCommand : ToolCommand
{
    private readonly TrainLogOptionSet _options;

    public TrainLogCommand(ToolContext context)
        : base("train-log", "Train a policy on logged decisions with propensities, and estimate its value off-policy.", context) =>
        _options = Take(new TrainLogOptionSet());

    /// <inheritdoc/>
    public override IReadOnlyList<Example> Examples =>
    [
        new("kernelpolicy train-log", "Train on a synthetic log, whose true values are shown."),
        new("kernelpolicy train-log --log decisions.csv --reward clipped --clip 0.01 --out run", "Train on a file by clipped IPS."),
        new(
            "kernelpolicy train-log --log men.csv.gz --log-format open-bandit --filter position=1 --item-features item_context.csv",
            "Train on one position of the Open Bandit Dataset."),
        new("kernelpolicy train-log --log decisions.csv --reward dr --reward-model logistic", "Correct a model of the reward by the log."),
        new("kernelpolicy train-log --log clicks.csv --fit-propensities --split-by-time", "Where the log does not say how likely it was to act so."),
        new("kernelpolicy train-log --log decisions.csv --objective log-likelihood --kl-weight 0.01", "A concave objective, with a bonus for entropy."),
    ];

    /// <inheritdoc/>
    protected override int Run(ParseResult parsed)
    {
        TrainLogRequest request = _options.Bind(parsed);
        LogTrainingRun run = new(request, Context.Cancellation);
        TrainLogReport report = ResumableTraining.Show(
            Context, request.Output, request.Folder, request.Resume, run.Execute, () => run.HasCheckpoint);
        return Answer(request.Output, report, ToolJson.Default.TrainLogReport, Write);
    }

    private static void Write(IAnsiConsole console, TrainLogReport report)
    {
        if (report.TrueValues is { } values)
            TrueValueTable.Write(console, values, "trained policy");
        if (report.Evaluation is { } evaluation)
        {
            console.WriteLine($"The trained policy on {report.TestDecisions:N0} test decisions, {report.Propensities} propensities:");
            OffPolicyTable.Write(console, evaluation);
        }
        else
        {
            console.WriteLine("No decisions were kept for a test.");
        }

        console.WriteLine($"Reward: {report.Reward}. Objective: {report.Objective}.");
        TrainingFooter.Write(console, report);
    }
}
