using System.CommandLine;
using System.Text.RegularExpressions;
using KernelPolicy.Bench;
using KernelPolicy.IndexComparison.Measuring;
using KernelPolicy.IndexComparison.Reporting;
using Spectre.Console;

namespace KernelPolicy.IndexComparison.Commands;

/// <summary>`report`: makes one CSV file, a report in Markdown and pictures of all that a run measured.</summary>
internal sealed partial class ReportCommand : Command
{
    private readonly Argument<string> _folder = new("folder") { Description = "Folder of the run, with data and results." };

    private readonly Option<string> _arguments = new("--arguments")
    {
        Description = "Arguments of the run, for the report.",
        DefaultValueFactory = _ => "",
    };

    /// <summary>The command.</summary>
    public ReportCommand()
        : base("report", "Makes measurements.csv, report.md and plots of a run.")
    {
        Add(_folder);
        Add(_arguments);
        SetAction(parsed => Execute(parsed.GetRequiredValue(_folder), parsed.GetRequiredValue(_arguments)));
    }

    private static void Execute(string folder, string arguments)
    {
        ResultSet results = ResultSet.Read(folder);
        File.WriteAllLines(
            Path.Combine(folder, "measurements.csv"), [ResultFile.Header, .. results.All.Select(ResultFile.Line)]);
        // The command is for other machines: folders of this one are left out of it.
        string shown = MachinePath().Replace(arguments, "$1FOLDER");
        File.WriteAllText(Path.Combine(folder, "report.md"), new MarkdownReport(results, shown).Write());
        new RecallPlots(results).Save(Path.Combine(folder, "plots"));
        ShowSummary(results);
    }

    private static void ShowSummary(ResultSet results)
    {
        IAnsiConsole console = AnsiConsole.Console;
        if (!console.Profile.Out.IsTerminal)
            console.Profile.Width = 140;
        Table table = new() { Border = TableBorder.Simple };
        foreach (string heading in (string[])["dataset", "K", "threads", "ours at 0.95", "hnswlib", "ratio", "ours at 0.99", "hnswlib", "ratio"])
            table.AddColumn(heading);
        foreach (SpeedSections.Row row in new SpeedSections(results).Rows())
        {
            string[] cells =
            [
                row.Dataset, $"{row.K}", $"{row.Threads}",
                row.Ours[0], row.Peer[0], MarkdownTable.Ratio(row.Ratio[0]),
                row.Ours[1], row.Peer[1], MarkdownTable.Ratio(row.Ratio[1]),
            ];
            table.AddRow([.. cells.Select(Markup.Escape)]);
        }

        console.Write(table);
    }

    [GeneratedRegex(@"(--(?:out|gowalla) )\S+")]
    private static partial Regex MachinePath();
}
