using KernelPolicy.Policy;
using Spectre.Console;

namespace KernelPolicy.Cli.Output;

/// <summary>Shows the figures of the first N recommendations.</summary>
internal static class TopNTable
{
    /// <summary>Makes the table.</summary>
    public static Table Create(IReadOnlyList<TopNFigures> figures)
    {
        Table table = new() { Border = TableBorder.Simple };
        table.AddColumns("first N", "reward", "users with a hit", "catalogue shown", "mean popularity");
        foreach (TableColumn column in table.Columns)
            column.Alignment = Justify.Right;
        foreach (TopNFigures row in figures)
            table.AddRow($"{row.N}", $"{row.Reward:0.0000}", $"{row.HitRate:P1}", $"{row.Coverage:P1}", $"{row.Popularity:0.0}");
        return table;
    }
}
