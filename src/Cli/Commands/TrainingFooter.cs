using Spectre.Console;

namespace KernelPolicy.Cli.Commands;

/// <summary>The last lines that every training shows to a person.</summary>
internal static class TrainingFooter
{
    /// <summary>Writes how it ran, what was done about the index, and where the files are.</summary>
    public static void Write(IAnsiConsole console, TrainingReport report)
    {
        console.WriteLine(
            $"{report.Steps:N0} steps of {report.MsPerStep:0.00} ms by {report.Estimator} on {report.Runner}; {report.TotalSeconds:0.0} s in all.");
        if (report.TopKBy is { } found)
            console.WriteLine($"In each step, the {found}.");
        foreach (string warning in report.IndexWarnings)
            console.MarkupLine($"[yellow]{Markup.Escape($"Index: {warning}.")}[/]");
        console.WriteLine($"Policy:         {report.PolicyFile}");
        console.WriteLine($"Learning curve: {report.LearningCurveFile}");
    }
}
