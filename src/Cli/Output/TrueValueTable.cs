using KernelPolicy.Cli.Display;
using KernelPolicy.Cli.Pipeline;
using Spectre.Console;

namespace KernelPolicy.Cli.Output;

/// <summary>Shows the true values of policies on a synthetic problem.</summary>
internal static class TrueValueTable
{
    /// <summary>Writes them.</summary>
    /// <param name="console">Where.</param>
    /// <param name="values">The values.</param>
    /// <param name="policy">What the policy in question is called.</param>
    public static void Write(IAnsiConsole console, TrueValues values, string policy)
    {
        Table table = new() { Border = TableBorder.Simple };
        table.AddColumn("policy").AddColumn("true value", column => column.RightAligned());
        table.AddRow("uniform", TrainingText.Reward(values.Uniform));
        table.AddRow("logging policy", TrainingText.Reward(values.Logging));
        table.AddRow($"[bold green]{Markup.Escape(policy)}[/]", $"[bold green]{TrainingText.Reward(values.Policy)}[/]");
        table.AddRow("best possible", TrainingText.Reward(values.Best));
        console.Write(table);
    }
}
