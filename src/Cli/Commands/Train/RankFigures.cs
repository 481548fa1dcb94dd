using System.Globalization;
using System.Text.Json.Serialization;
using KernelPolicy.Cli.Pipeline;
using KernelPolicy.Cli.Ranks;
using KernelPolicy.Distributed;
using KernelPolicy.Policy;

namespace KernelPolicy.Cli.Commands;

/// <summary>The ranks of a training, as --json and report.json tell of them.</summary>
/// <param name="Count">n; 1 for a training by itself.</param>
/// <param name="Spread">What they divide: contexts, or none.</param>
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
            $"{Count} ranks on {Carrier}, {Spread} in {Shares} shares, top K by Θ of the {(Heads == "same-step" ? "same step" : "step before")}: {BytesPerStep:N0} bytes a step; {WaitMsPerStep:0.00} ms of a step were waiting.");

    /// <summary>Those of a training.</summary>
    public static RankFigures Of(TrainingCourse course, TrainingResult result)
    {
        TrainingRanks? ranks = course.Request.Ranks;
        SpreadGradient? exchange = ranks?.Exchange;
        return new RankFigures(
            ranks?.Count ?? 1,
            ranks?.Spread ?? "none",
            ranks?.Shares ?? 1,
            (course.Steps as TrainingStep)?.Heads == HeadTiming.StepBefore ? "step-before" : "same-step",
            exchange is null ? null : ranks!.Communicator.Carrier,
            exchange is null ? 0 : SpreadGradient.TotalBytes(ranks!.Count, course.Theta.Columns),
            exchange is null ? 0 : exchange.WaitSeconds / Math.Max(1, exchange.Steps) * 1e3);
    }
}
