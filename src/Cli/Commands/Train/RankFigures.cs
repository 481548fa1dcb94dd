using System.Globalization;
using System.Text.Json.Serialization;
using KernelPolicy.Cli.Options;
using KernelPolicy.Cli.Pipeline;
using KernelPolicy.Cli.Ranks;
using KernelPolicy.Distributed;
using KernelPolicy.Policy;

namespace KernelPolicy.Cli.Commands;

/// <summary>The ranks of a training, as --json and report.json tell of them.</summary>
/// <param name="Count">n; 1 for a training by itself.</param>
/// <param name="Spread">What they divide: contexts, items, or none.</param>
/// <param name="Shares">S, shares of the contexts.</param>
/// <param name="Heads">By which queries heads were retrieved: same-step or step-before.</param>
/// <param name="Carrier">What carried their bytes; null where there was one.</param>
/// <param name="BytesPerStep">Bytes that a step's exchange sends over the network, all ranks together.</param>
/// <param name="WaitMsPerStep">Milliseconds of a step in which rank 0 had nothing to do but wait for the exchange.</param>
internal sealed record RankFigures(
    int Count, string Spread, int Shares, string Heads, string? Carrier, long BytesPerStep, double WaitMsPerStep)
{
    /// <summary>The same for a person; null for a training by itself.</summary>
    [JsonIgnore]
    public string? Words => Count == 1
        ? null
        : string.Create(
            CultureInfo.InvariantCulture,
            $"{Count} ranks on {Carrier}, {What}: {BytesPerStep:N0} bytes a step; {WaitMsPerStep:0.00} ms of a step were waiting.");

    private string What => Spread == SpreadChoice.Items
        ? "items spread"
        : $"contexts in {Shares} shares, top K by Θ of the {(Heads == "same-step" ? "same step" : "step before")}";

    /// <summary>Those of a training.</summary>
    public static RankFigures Of(TrainingCourse course)
    {
        TrainingRanks? ranks = course.Request.Ranks;
        (long bytes, double seconds) = Exchange(course);
        return new RankFigures(
            ranks?.Count ?? 1,
            ranks?.Spread ?? SpreadChoice.None,
            ranks?.Shares ?? 1,
            (course.Steps as TrainingStep)?.Heads == HeadTiming.StepBefore ? "step-before" : "same-step",
            ranks is { Count: > 1 } ? ranks.Communicator.Carrier : null,
            bytes,
            seconds / Math.Max(1, course.StepsRun) * 1e3);
    }

    // Bytes of a step, and seconds of all.
    private static (long Bytes, double Seconds) Exchange(TrainingCourse course)
    {
        int ranks = course.Request.Ranks?.Count ?? 1, dimension = course.Theta.Columns, batch = course.Request.Training.BatchSize;
        if (course.Steps.Estimator is ShardedStrataEstimator sharded)
        {
            // Rows of strata, and the sums that contexts are.
            long bytes = RankReduction.TotalBytes(ranks, batch, (2 * dimension) + 2) + RankReduction.TotalBytes(ranks, batch, dimension);
            return (bytes, sharded.JoinSeconds);
        }

        return course.Request.Ranks?.Exchange is { } exchange ? (SpreadGradient.TotalBytes(ranks, dimension), exchange.WaitSeconds) : (0, 0);
    }
}
