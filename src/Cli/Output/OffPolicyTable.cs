using System.Globalization;
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
        string format = Format(report);
        foreach (ValueEstimate estimate in report.Estimates)
        {
            table.AddRow(
                Name(estimate.Estimator, report),
                Number(estimate.Value, format),
                Number(estimate.StandardError, format),
                Interval(estimate.Interval, format),
                Interval(estimate.Bootstrap, format),
                Interval(estimate.FiniteSample, format));
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

    // Four digits of the largest value: rates of clicks are small, revenues are not.
    private static string Format(OffPolicyReport report)
    {
        double largest = report.Estimates.Select(e => Math.Abs(e.Value)).Where(v => double.IsFinite(v) && v > 0).DefaultIfEmpty(1).Max();
        return $"F{Math.Clamp(3 - (int)Math.Floor(Math.Log10(largest)), 2, 10)}";
    }

    private static string Number(double value, string format) =>
        double.IsFinite(value) ? value.ToString(format, CultureInfo.InvariantCulture) : "–";

    private static string Interval(ConfidenceInterval? interval, string format) => interval is { } known && double.IsFinite(known.Lower)
        ? $"{Number(known.Lower, format)} to {(double.IsFinite(known.Upper) ? Number(known.Upper, format) : "∞")}"
        : "–";
}
