using System.Globalization;
using KernelPolicy.Cli.Display;
using KernelPolicy.Cli.Study;
using Spectre.Console;

namespace KernelPolicy.Cli.Commands;

/// <summary>Lists the cells of a study before it is begun, or while it is going on.</summary>
internal static class StudyListing
{
    private const string ToMeasure = "to measure";

    /// <summary>Makes the list.</summary>
    public static StudyListReport Create(StudyPlan plan, StudyFolder folder, Func<StudyCell, bool> isWanted)
    {
        List<ListedCell> cells = [];
        foreach (StudyCell cell in plan.Cells)
        {
            CellEstimate estimate = CellEstimate.Of(cell, plan.Settings, StudyIndex.IsGraph(cell));
            CellResult? held = folder.Find(cell);
            string state = held is not null ? "measured" : StudyMemory.WhyTooLarge(estimate) is not null ? "too large"
                : isWanted(cell) ? ToMeasure : "left out";
            cells.Add(new ListedCell(cell.Name, state, held?.Seconds ?? estimate.Seconds, estimate.Bytes / (1L << 30)));
        }

        return new StudyListReport(cells, cells.Where(cell => cell.State == ToMeasure).Sum(cell => cell.Seconds) / 3600);
    }

    /// <summary>Shows the list to a person.</summary>
    public static void Write(IAnsiConsole console, StudyListReport report)
    {
        Table table = new() { Border = TableBorder.Simple };
        table.AddColumn("cell").AddColumn("state").AddColumn("time", c => c.RightAligned()).AddColumn("memory", c => c.RightAligned());
        foreach (ListedCell cell in report.Cells)
        {
            table.AddRow(
                new Text(cell.Name), new Text(cell.State), new Text(TrainingText.Duration(TimeSpan.FromSeconds(cell.Seconds))),
                new Text(string.Create(CultureInfo.InvariantCulture, $"{cell.Gib:0.0} GiB")));
        }

        console.Write(table);
        int left = report.Cells.Count(cell => cell.State == ToMeasure);
        string time = report.Hours < 1
            ? string.Create(CultureInfo.InvariantCulture, $"{Math.Ceiling(60 * report.Hours)} minutes")
            : string.Create(CultureInfo.InvariantCulture, $"{report.Hours:0} hours");
        console.WriteLine($"{report.Cells.Count} cells, {left} to measure: some {time} on two idle cores with vectors of 512 bits.");
    }
}
