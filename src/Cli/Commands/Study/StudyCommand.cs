using System.CommandLine;
using System.Diagnostics;
using KernelPolicy.Cli.Display;
using KernelPolicy.Cli.Output;
using KernelPolicy.Cli.Pipeline;
using KernelPolicy.Cli.Study;
using KernelPolicy.Data;
using Spectre.Console;

namespace KernelPolicy.Cli.Commands;

/// <summary>Repeats the paper's experiments and writes a report of them.</summary>
internal sealed class StudyCommand : ToolCommand
{
    // A seed of the data's reading, which divides nothing here.
    private const ulong AnySeed = 1;

    private readonly StudyOptionSet _options;

    public StudyCommand(ToolContext context)
        : base("study", "Repeat the paper's experiments, on data that are drawn or yours, and write a report of them.", context) =>
        _options = Take(new StudyOptionSet());

    /// <inheritdoc/>
    public override IReadOnlyList<Example> Examples =>
    [
        new("kernelpolicy study", "All questions on a synthetic catalogue of 10,000 items, in minutes; the report is kernelpolicy-study/report.html."),
        new("kernelpolicy study --data ratings.csv --min-interactions 20 --out study", "All questions on data of your own."),
        new("kernelpolicy study --preset full --list", "What the paper's sizes would take."),
        new("kernelpolicy study --seeds 5", "After a study with three seeds: two more, and the report anew. After one that was stopped: the rest."),
        new("kernelpolicy study --preset full --only 'steps.*seed1$' --out steps", "Only times of steps, once."),
    ];

    /// <inheritdoc/>
    protected override int Run(ParseResult parsed)
    {
        StudyRequest request = _options.Bind(parsed);
        return request.List
            ? Answer(request.Output, Context.Display(request.Output).Show(p => List(request, p)), ToolJson.Default.StudyListReport, StudyListing.Write)
            : Answer(request.Output, Execute(request), ToolJson.Default.StudyReport, Write);
    }

    private static Func<StudyCell, bool> Wanted(StudyRequest request) => cell => request.Only?.IsMatch(cell.Name) != false;

    private static StudySettings WithDataOf(StudyRequest request, Interactions? read)
    {
        if (read is null)
            return request.Settings;
        if (read.ItemCount < StepCell.FewestItems)
            throw new InvalidDataException($"The data have {read.ItemCount} items; a study needs at least {StepCell.FewestItems}.");
        StudyCatalogue given = request.Settings.Catalogues[0];
        return request.Settings with
        {
            Catalogues =
            [
                new StudyCatalogue(
                    "data", string.Join(", ", request.Data.Files.Select(Path.GetFileName)), read.ItemCount, read.UserCount, read.Count,
                    given.LearningRate),
            ],
        };
    }

    private static void Write(IAnsiConsole console, StudyReport report)
    {
        Table claims = new() { Border = TableBorder.Simple };
        claims.AddColumns("the paper's claim", "measured", "");
        foreach (PaperClaim claim in report.Claims)
            claims.AddRow(new Text(claim.Claim), new Text(claim.Measured), new Text(claim.Verdict));
        console.Write(claims);
        if (report.Missing > 0)
            console.WriteLine($"{report.Missing} of {report.Cells} cells have no figures yet; --list shows which.");
        console.WriteLine($"Report: {report.Report}");
    }

    private Interactions? Read(StudyRequest request, IRunProgress progress) => request.Data.IsSynthetic
        ? null
        : LoadedData.Load(new DataRecipe(request.Data, new SplitOptions(), AnySeed), request.Threads, progress, Context.Cancellation).Interactions;

    private StudyListReport List(StudyRequest request, IRunProgress progress) => StudyListing.Create(
        StudyPlan.Create(WithDataOf(request, Read(request, progress))), request.Folder, Wanted(request));

    private StudyReport Execute(StudyRequest request)
    {
        StudyPlan? plan = null;
        try
        {
            return Context.Display(request.Output).Show(progress =>
            {
                long start = Stopwatch.GetTimestamp();
                Interactions? read = Read(request, progress);
                plan = StudyPlan.Create(WithDataOf(request, read));
                StudyRun run = new(plan, read, request.Folder, request.Device, request.Threads, progress, Context.Cancellation);
                run.Execute(request.Data.Files, Wanted(request));
                progress.Begin("report");
                StudyFiles files = StudyFiles.Write(StudyResults.Read(plan, request.Folder), request.Folder);
                progress.End(request.Folder.Report);
                return new StudyReport(
                    request.Folder.Root, request.Folder.Report, files.Names, plan.Cells.Count, run.Measured, files.Results.Missing,
                    Stopwatch.GetElapsedTime(start).TotalSeconds, files.Claims);
            });
        }
        catch (OperationCanceledException) when (plan is not null && StudyResults.Read(plan, request.Folder) is { Count: > 0 } results)
        {
            StudyFiles.Write(results, request.Folder);
            Context.Note($"{results.Count} of {plan.Cells.Count} cells are measured; {request.Folder.Report} has them. To go on:");
            Context.Note($"  kernelpolicy {CommandLineText.Of(Context.Arguments)}");
            throw;
        }
    }
}
