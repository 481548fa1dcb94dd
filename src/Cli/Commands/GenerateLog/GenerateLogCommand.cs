using System.CommandLine;
using System.Globalization;
using System.Text;
using KernelPolicy.Cli.Output;
using KernelPolicy.Cli.Pipeline;
using KernelPolicy.Data;
using KernelPolicy.Files;
using KernelPolicy.Kernels;

namespace KernelPolicy.Cli.Commands;

/// <summary>What was generated, as --json writes it.</summary>
/// <param name="File">Where it is.</param>
/// <param name="Items">P.</param>
/// <param name="Decisions">N.</param>
/// <param name="MeanReward">Mean reward of the log.</param>
/// <param name="LoggingValue">The logging policy's true value, which the mean reward estimates.</param>
/// <param name="UniformValue">That of acting evenly.</param>
/// <param name="BestValue">The best possible.</param>
internal sealed record GenerateLogReport(
    string File, int Items, int Decisions, double MeanReward, double LoggingValue, double UniformValue, double BestValue);

/// <summary>Draws a synthetic log of decisions and writes it to a file.</summary>
internal sealed class GenerateLogCommand : ToolCommand
{
    private readonly GenerateLogOptionSet _options;

    public GenerateLogCommand(ToolContext context)
        : base("generate-log", "Draw a synthetic log of decisions with propensities and rewards, and write it to a file.", context) =>
        _options = Take(new GenerateLogOptionSet());

    /// <inheritdoc/>
    public override IReadOnlyList<Example> Examples =>
    [
        new("kernelpolicy generate-log --out log.csv", "The log that 'kernelpolicy train-log' draws."),
        new(
            "kernelpolicy generate-log --items 1000 --decisions 1000000 --reward-offset -4 --out log.csv.gz --item-features-out items.csv",
            "A large one with sparse rewards, and the features of its items."),
    ];

    /// <inheritdoc/>
    protected override int Run(ParseResult parsed)
    {
        GenerateLogRequest request = _options.Bind(parsed);
        GenerateLogReport report = Context.Display(request.Output).Show(progress =>
        {
            progress.Begin("synthetic log");
            using SyntheticBandit bandit = SyntheticBandit.Create(request.Problem);
            using BanditLog log = bandit.Draw(request.Decisions, request.Seed).Log;
            progress.End(LogText.Kept(log.Report));
            progress.Begin("file");
            BanditLogWriter.Write(log, request.File, Context.Cancellation);
            if (request.ItemFile is { } file)
                WriteItems(file, log.ItemIds, bandit.Items);
            progress.End(request.File);
            TrueValues values = TrueValues.Of(bandit, null, null);
            return new GenerateLogReport(
                request.File, log.ItemCount, log.Count, log.Report.MeanReward, values.Logging, values.Uniform, values.Best);
        });
        if (request.Output.Json)
        {
            ToolJson.Write(Context.Output, report, ToolJson.Default.GenerateLogReport);
        }
        else
        {
            Context.Output.WriteLine(
                $"{report.File}: {report.Decisions:N0} decisions over {report.Items:N0} items, mean reward {report.MeanReward:0.0000}; true values: "
                + $"logging policy {report.LoggingValue:0.0000}, uniform {report.UniformValue:0.0000}, best possible {report.BestValue:0.0000}");
        }

        return ExitCode.Success;
    }

    private static void WriteItems(string path, string[] ids, Matrix items) => AtomicFile.Write(path, file =>
    {
        // The file is flushed to the disk afterwards, and so must stay open.
        using StreamWriter writer = new(file, new UTF8Encoding(false), 1 << 16, leaveOpen: true) { NewLine = "\n" };
        writer.WriteLine("item_id," + string.Join(',', Enumerable.Range(0, items.Columns).Select(i => $"item_feature_{i}")));
        for (int item = 0; item < ids.Length; item++)
            writer.WriteLine($"{ids[item]},{string.Join(',', items.Row(item).ToArray().Select(v => v.ToString("R", CultureInfo.InvariantCulture)))}");
    });
}
