using KernelPolicy.Data;

namespace KernelPolicy.Cli.Pipeline;

/// <summary>Puts a log of decisions in words, what was left out with it: no row goes missing unseen.</summary>
internal static class LogText
{
    /// <summary>What is there.</summary>
    public static string Kept(BanditLogReport report) =>
        $"{report.Decisions:N0} decisions over {report.Items:N0} items, mean reward {report.MeanReward:0.0000}";

    /// <summary>What is there, how it was read, and what of it is odd.</summary>
    public static string KeptAndLeftOut(BanditLogReport report)
    {
        (long Count, string What)[] notes =
        [
            (report.RowsFilteredOut, "rows left out by the filter"),
            (report.ItemsNeverTaken, "items never taken"),
            (report.EmptyHistories, "empty histories"),
            (report.HistoryRepeats, "repeats within histories"),
            (report.UnknownCategories, "categories unknown to the policy"),
        ];
        string odd = string.Join(", ", notes.Where(n => n.Count > 0).Select(n => $"{n.Count:N0} {n.What}"));
        return $"{Kept(report)} ({report.Source})" + (odd.Length > 0 ? $"; {odd}" : "");
    }
}
