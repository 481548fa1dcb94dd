using KernelPolicy.Data;

namespace KernelPolicy.Cli.Pipeline;

/// <summary>Puts a load in words, what was left out first of all: no row goes missing unseen.</summary>
internal static class LoadText
{
    /// <summary>What is there.</summary>
    public static string Kept(LoadReport report) =>
        $"{report.Interactions:N0} interactions of {report.Users:N0} users with {report.Items:N0} items";

    /// <summary>What is there, how it was read, and what was left out with the reason.</summary>
    public static string KeptAndLeftOut(LoadReport report)
    {
        (long Count, string Reason)[] reasons =
        [
            (report.RowsFilteredOut, "rows by the filter"),
            (report.DuplicateRows, "rows that repeat others"),
            (report.UsersBelowMinimum, "users with too few items"),
            (report.UsersWithOneItem, "users with one item"),
            (report.UsersWithoutItems, "users whose items all were"),
            (report.ItemsBelowMinimum, "items with too few users"),
            (report.ItemsWithoutUsers, "items whose users all were"),
        ];
        string leftOut = string.Join(", ", reasons.Where(r => r.Count > 0).Select(r => $"{r.Count:N0} {r.Reason}"));
        return $"{Kept(report)} ({report.Source})" + (leftOut.Length > 0 ? $"; left out: {leftOut}" : "");
    }
}
