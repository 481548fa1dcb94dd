using KernelPolicy.Cli.Display;
using KernelPolicy.Policy;
using Spectre.Console;

namespace KernelPolicy.Cli.Output;

/// <summary>Shows an off-policy evaluation: estimates with their intervals, what the weights look like, warnings.</summary>
internal static class OffPolicyTable
{
    /// <summary>Writes it.</summary>
    public static void Write(IAnsiConsole console, OffPolicyReport report)
    {
        Table table = new() { Border = TableBorder.Simple };
        string level = $"{report.Confidence * 100:0.####} %";
        table.AddColumns("estimator", "value", "error", $"{level} interval", "bootstrap", "finite sample");
        foreach (TableColumn column in table.Columns.Skip(1))
            column.Alignment = Justify.Right;
        foreach (ValueEstimate estimate in report.Estimates)
        {
            table.AddRow(
                Name(estimate.Estimator, report),
                TrainingText.Reward(estimate.Value),
                TrainingText.Reward(estimate.StandardError),
                Interval(estimate.Interval),
                Interval(estimate.Bootstrap),
                Interval(estimate.FiniteSample));
        }

        console.Write(table);
        WeightDiagnostics weights = report.Weights;
        console.WriteLine(
            $"{report.Rows:N0} decisions, effective sample size {weights.EffectiveSampleSize:N1}; weights: mean {weights.MeanWeight:0.000} ± "
            + $"{weights.MeanWeightError:0.000}, largest {weights.LargestWeight:G4}, {weights.ClippedShare:P1} clipped.");
        foreach (EvaluationWarning warning in report.Warnings)
            console.MarkupLine($"[yellow]{Markup.Escape($"Warning: {warning.Text}")}[/]");
    }

    private static string Name(OffPolicyEstimator estimator, OffPolicyReport report) => estimator switch
    {
        OffPolicyEstimator.LoggingPolicy => "logging policy, its mean reward",
        OffPolicyEstimator.Ips => "IPS",
        OffPolicyEstimator.ClippedIps => $"clipped IPS, {report.Clip}",
        OffPolicyEstimator.SelfNormalisedIps => "self-normalised IPS",
        OffPolicyEstimator.DirectMethod => "direct method",
        OffPolicyEstimator.DoublyRobust => "doubly robust",
        OffPolicyEstimator.ClippedDoublyRobust => "clipped doubly robust",
        _ => $"logarithmic smoothing, λ = {report.Lambda:G3}",
    };

    private static string Interval(ConfidenceInterval? interval) => interval is { } known && double.IsFinite(known.Lower)
        ? $"{known.Lower:0.0000} to {(double.IsFinite(known.Upper) ? $"{known.Upper:0.0000}" : "∞")}"
        : "–";
}
