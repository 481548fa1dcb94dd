using System.CommandLine;
using System.CommandLine.Invocation;
using KernelPolicy.Cli.Commands;
using KernelPolicy.Cli.Output;
using KernelPolicy.Cli.Ranks;

namespace KernelPolicy.Cli;

/// <summary>The tool as a function: arguments and writers in, an exit code out.</summary>
internal static class CommandLineTool
{
    private const string Description =
        "KernelPolicy trains the softmax policy of a recommender from logged interactions.";

    /// <summary>Runs one command.</summary>
    /// <param name="arguments">What follows the tool's name on the command line.</param>
    /// <param name="output">Receives results.</param>
    /// <param name="error">Receives progress, notes and errors.</param>
    /// <param name="cancellation">Asks the command to stop.</param>
    /// <returns>One of <see cref="ExitCode"/>.</returns>
    public static int Run(
        IReadOnlyList<string> arguments, TextWriter output, TextWriter error, CancellationToken cancellation = default)
    {
        ToolContext context = new(arguments, output, error, cancellation);
        ParseResult parsed = CreateRoot(context).Parse(arguments);
        // No handler of its own: failures become messages and exit codes below, and a signal is Interruption's affair.
        InvocationConfiguration configuration = new()
        {
            Output = output,
            Error = error,
            EnableDefaultExceptionHandler = false,
            ProcessTerminationTimeout = null,
        };
        if (parsed.Action is ParseErrorAction)
            return ReportUsage(parsed, RankedProcess.Speaks ? error : TextWriter.Null);
        try
        {
            RankedProcess.RequireOne(parsed.CommandResult.Command.Name);
            return parsed.Invoke(configuration);
        }
        catch (Exception e)
        {
            Failure failure = Failure.Describe(e, cancellation);
            // What all ranks have done wrong is said once.
            bool isToldHere = RankedProcess.Speaks || failure.ExitCode == ExitCode.Failure;
            failure.Write(isToldHere ? error : TextWriter.Null, verbose: arguments.Contains("--verbose"));
            return failure.ExitCode;
        }
    }

    /// <summary>All commands with their options, for whoever parses.</summary>
    internal static RootCommand CreateRoot(ToolContext context)
    {
        RootCommand root = new(Description)
        {
            new TrainCommand(context),
            new EvaluateCommand(context),
            new TrainLogCommand(context),
            new EvaluateLogCommand(context),
            new RecommendCommand(context),
            new BundleCommand(context),
            new ServeShardCommand(context),
            new GenerateCommand(context),
            new GenerateLogCommand(context),
            new InfoCommand(context),
            new BenchCommand(context),
            new StudyCommand(context),
        };
        HelpWithExamples.AddTo(root,
        [
            new Example("kernelpolicy train", "Train on a synthetic catalogue, to see the tool at work."),
            new Example("kernelpolicy train --data ratings.csv --out run", "Train on interactions of your own."),
            new Example("kernelpolicy train-log --log decisions.csv --out run", "Train on decisions with propensities and rewards."),
            new Example("kernelpolicy recommend --policy run --history 318 296", "Recommend to someone with that history."),
        ]);
        return root;
    }

    private static int ReportUsage(ParseResult parsed, TextWriter error)
    {
        foreach (string message in parsed.Errors.Select(e => e.Message).Distinct())
            error.WriteLine($"error: {message}");
        string path = parsed.CommandResult.Command is RootCommand ? "" : $"{parsed.CommandResult.Command.Name} ";
        error.WriteLine($"'kernelpolicy {path}--help' shows what can be given.");
        return ExitCode.Usage;
    }
}
