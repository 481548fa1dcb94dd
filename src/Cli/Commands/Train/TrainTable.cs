using KernelPolicy.Cli.Display;
using KernelPolicy.Cli.Output;
using Spectre.Console;

namespace KernelPolicy.Cli.Commands;

/// <summary>Shows what a training brought to a person.</summary>
internal static class TrainTable
{
    /// <summary>Writes the figures and where the files are.</summary>
    public static void Write(IAnsiConsole console, TrainReport report)
    {
        Table rewards = new() { Border = TableBorder.Simple };
        rewards.AddColumn($"{report.TestUsers:N0} test users").AddColumn("reward", column => column.RightAligned());
        Add("most popular item", report.PopularityTestReward);
        Add("before training", report.InitialTestReward);
        Add("after training", report.TestRewardExact, "[bold green]");
        if (report.Index != "exact")
            Add($"after training, by {report.Index} (recall {report.IndexRecall:0.000} of {report.IndexRecallK})", report.TestRewardIndex);
        if (double.IsFinite(report.BestPossibleTestReward))
            Add("best possible", report.BestPossibleTestReward);
        console.Write(rewards);

        console.Write(TopNTable.Create(report.TopN));
        TrainingFooter.Write(console, report);
        if (report.Ranks.Words is { } ranks)
            console.WriteLine(ranks);

        void Add(string name, double reward, string style = "[default]") => rewards.AddRow(
            $"{style}{Markup.Escape(name)}[/]", $"{style}{TrainingText.Reward(reward)}[/]");
    }
}
