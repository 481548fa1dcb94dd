using System.CommandLine;
using System.Text;
using KernelPolicy.EstimatorComparison.Reporting;

namespace KernelPolicy.EstimatorComparison.Commands;

/// <summary>`report`: tables and pictures of what was measured.</summary>
internal sealed class ReportCommand : Command
{
    private readonly Argument<string> _folder = new("folder") { Description = "Where gradients*.csv and curves/*.csv are, and report.md goes." };

    private readonly Option<string> _machine = new("--machine") { Description = "The machine, in words.", DefaultValueFactory = _ => "" };

    /// <summary>The command.</summary>
    public ReportCommand()
        : base("report", "Writes report.md and its pictures.")
    {
        Add(_folder);
        Add(_machine);
        SetAction(Execute);
    }

    private void Execute(ParseResult parsed)
    {
        string folder = parsed.GetRequiredValue(_folder);
        StringBuilder text = new();
        text.AppendLine("# Estimators compared").AppendLine();
        text.AppendLine(
            "Written by the steps of `bench/compare-estimators`: `gradients`, `learn` and `report` of KernelPolicy.EstimatorComparison. "
            + $"{parsed.GetValue(_machine)}").AppendLine();
        string[] gradients = [.. Directory.GetFiles(folder, "gradients*.csv").Order(StringComparer.Ordinal)];
        if (gradients.Length > 0)
        {
            text.AppendLine("## Errors of gradients").AppendLine();
            GradientSection.Write(CsvTable.Read(gradients), text);
        }

        string curveFolder = Path.Combine(folder, "curves");
        string[] curves = Directory.Exists(curveFolder) ? [.. Directory.GetFiles(curveFolder, "*.csv").Order(StringComparer.Ordinal)] : [];
        if (curves.Length > 0)
        {
            CsvTable table = CsvTable.Read(curves);
            text.AppendLine("## Learning").AppendLine();
            LearningSection.Write(table, text);
            LearningPlots.Save(table, folder);
            foreach (string data in table.Values("data"))
                text.AppendLine($"![R_test over time, {data}]({data}.png)").AppendLine();
        }

        File.WriteAllText(Path.Combine(folder, "report.md"), text.ToString());
    }
}
