using System.CommandLine;
using KernelPolicy.Cli.Output;

namespace KernelPolicy.Cli.Commands;

/// <summary>Trains a policy and says how it fares on users it has not seen.</summary>
internal sealed class TrainCommand : ToolCommand
{
    private readonly TrainOptionSet _options;

    public TrainCommand(ToolContext context)
        : base("train", "Train a policy from interactions, and show its reward on held-out users.", context) =>
        _options = Take(new TrainOptionSet());

    /// <inheritdoc/>
    public override IReadOnlyList<Example> Examples =>
    [
        new("kernelpolicy train", "Train on a synthetic log of 10,000 users and 20,000 items."),
        new("kernelpolicy train --data ratings.csv --min-interactions 20 --out run", "Train on a file with user and item columns."),
        new(
            "kernelpolicy train --data clicks.tsv.gz --header no --user-column 0 --item-column 2",
            "Say which columns hold users and items."),
        new(
            "kernelpolicy train --data log.parquet --top-k 64 --tail 128 --index hnsw",
            "Train on a catalogue too large to look at whole in each step."),
        new(
            "kernelpolicy train --data log.parquet --estimator mixture --samples 1000 --top-k 256 --epsilon 0.8",
            "Train by the paper's estimator."),
        new("kernelpolicy train --data ratings.csv --device opencl", "Train on a device, or hear why it cannot be used."),
        new(
            "kernelpolicy train --data ratings.csv --kl-weight 0.01 --reference last --out run",
            "Stay near the policy in the folder last, trained on the same data."),
        new("kernelpolicy train --data ratings.csv --out run --resume", "Go on with a training that was stopped."),
        new("mpirun -n 4 kernelpolicy train --data ratings.csv --out run", "Spread the users over four processes, on one machine or several."),
    ];

    /// <inheritdoc/>
    protected override int Run(ParseResult parsed)
    {
        TrainRequest request = _options.Bind(parsed);
        if (Execute(request) is not { } report)
            return ExitCode.Success;
        return Answer(request.Output, report, ToolJson.Default.TrainReport, TrainTable.Write);
    }

    private TrainReport? Execute(TrainRequest request)
    {
        TrainingRun run = new(request, Context.Error, Context.Cancellation);
        return ResumableTraining.Show(
            Context, request.Output, request.Folder, request.Resume, run.Execute, () => run.HasCheckpoint);
    }
}
