using System.CommandLine;
using KernelPolicy.Cli.Output;
using KernelPolicy.Cli.Pipeline;
using KernelPolicy.Data;

namespace KernelPolicy.Cli.Commands;

/// <summary>What was generated, as --json writes it.</summary>
/// <param name="File">Where it is.</param>
/// <param name="Items">P.</param>
/// <param name="Users">Users.</param>
/// <param name="Interactions">Distinct (user, item) pairs.</param>
internal sealed record GenerateReport(string File, int Items, int Users, long Interactions);

/// <summary>Draws a synthetic log and writes it to a file.</summary>
internal sealed class GenerateCommand : ToolCommand
{
    private readonly GenerateOptionSet _options;

    public GenerateCommand(ToolContext context)
        : base("generate", "Draw a synthetic log of interactions and write it to a file.", context) =>
        _options = Take(new GenerateOptionSet());

    /// <inheritdoc/>
    public override IReadOnlyList<Example> Examples =>
    [
        new("kernelpolicy generate --out log.csv", "The log that 'kernelpolicy train' draws."),
        new("kernelpolicy generate --items 1000000 --users 200000 --seed 7 --out large.tsv.gz", "A large one, compressed."),
    ];

    /// <inheritdoc/>
    protected override int Run(ParseResult parsed)
    {
        GenerateRequest request = _options.Bind(parsed);
        Interactions log = Context.Display(request.Output).Show(progress =>
        {
            progress.Begin("synthetic log");
            Interactions drawn = SyntheticInteractions.Generate(request.Log).Interactions;
            progress.End(LoadText.Kept(drawn.Report));
            progress.Begin("file");
            InteractionWriter.Write(drawn, request.File, Context.Cancellation);
            progress.End(request.File);
            return drawn;
        });
        GenerateReport report = new(request.File, log.ItemCount, log.UserCount, log.Count);
        if (request.Output.Json)
            ToolJson.Write(Context.Output, report, ToolJson.Default.GenerateReport);
        else
            Context.Output.WriteLine($"{report.File}: {LoadText.Kept(log.Report)}");
        return ExitCode.Success;
    }
}
