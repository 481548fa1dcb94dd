using System.CommandLine;
using System.Globalization;
using KernelPolicy.TrainingComparison.Measuring;
using KernelPolicy.TrainingComparison.Reporting;

namespace KernelPolicy.TrainingComparison.Commands;

/// <summary>`report`: makes steps.csv, medians.csv and report.md of a run.</summary>
internal sealed class ReportCommand : Command
{
    private readonly Argument<string> _folder = new("folder") { Description = "Folder of the run, with results." };
    private readonly Option<string> _machine = new("--machine") { Description = "The machine, in words.", DefaultValueFactory = _ => "" };
    private readonly Option<string> _arguments = new("--arguments") { Description = "Arguments of the run.", DefaultValueFactory = _ => "" };

    /// <summary>The command.</summary>
    public ReportCommand()
        : base("report", "Makes steps.csv, medians.csv and report.md of what a run measured.")
    {
        Add(_folder);
        Add(_machine);
        Add(_arguments);
        SetAction(Execute);
    }

    private void Execute(ParseResult parsed)
    {
        string folder = parsed.GetRequiredValue(_folder);
        StepResults results = StepResults.Read(folder);
        File.WriteAllLines(Path.Combine(folder, "steps.csv"), [StepFile.Header, .. results.All.Select(StepFile.Line)]);
        File.WriteAllLines(
            Path.Combine(folder, "medians.csv"),
            [
                "items,by,estimator,index,median_ms,p10_ms,p90_ms,lowest_round_ms,highest_round_ms,steps,recall",
                .. results.Rows.Select(r => string.Create(
                    CultureInfo.InvariantCulture,
                    $"{r.Items},{r.By},{r.Estimator},{r.Index},{r.Median:0.####},{r.Percentile10:0.####},{r.Percentile90:0.####},{r.LowestRound:0.####},{r.HighestRound:0.####},{r.Steps},{r.Recall:0.####}")),
            ]);
        File.WriteAllText(
            Path.Combine(folder, "report.md"),
            new TrainingReport(results, parsed.GetRequiredValue(_machine), parsed.GetRequiredValue(_arguments)).Write());
    }
}
