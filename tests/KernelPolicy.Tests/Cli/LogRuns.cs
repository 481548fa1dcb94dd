using System.Globalization;
using NUnit.Framework;

namespace KernelPolicy.Tests.Cli;

/// <summary>Small logs of decisions and the command lines that train on them.</summary>
internal static class LogRuns
{
    /// <summary>Writes a small synthetic log.</summary>
    public static string BanditLog(this TestFolder folder, string name = "decisions.csv", params string[] more)
    {
        ToolRun run = ToolRun.Of(
        [
            "generate-log", "--out", folder[name], "--item-features-out", folder["items.csv"], "--json",
            .. Unless(more, "--items", "12", "--decisions", "600", "--contexts", "80", "--dim", "3"), .. more,
        ]);
        Assert.That(run.Code, Is.Zero, run.Error);
        return folder[name];
    }

    /// <summary>The same without its column of propensities.</summary>
    public static string WithoutPropensities(this TestFolder folder)
    {
        string[] lines = File.ReadAllLines(folder.BanditLog());
        File.WriteAllLines(folder["bare.csv"], lines.Select(line => string.Join(',', line.Split(',').Where((_, column) => column != 2))));
        return folder["bare.csv"];
    }

    /// <summary>A log whose contexts are histories: item h and h + 1, and the item after them is rewarded.</summary>
    public static string HistoryLog(this TestFolder folder)
    {
        const int Items = 6;
        List<string> lines = ["action,reward,propensity,history,time"];
        for (int row = 0; row < 240; row++)
        {
            int first = row % Items, action = row * 7 / Items % Items;
            lines.Add(string.Create(
                CultureInfo.InvariantCulture,
                $"i{action},{(action == (first + 2) % Items ? 1 : 0)},{1.0 / Items},i{first} i{(first + 1) % Items},{row}"));
        }

        File.WriteAllLines(folder["histories.csv"], lines);
        return folder["histories.csv"];
    }

    /// <summary>A quick training on a log.</summary>
    public static string[] TrainLog(this TestFolder folder, string log, string run, params string[] more) =>
    [
        "train-log", "--log", log, "--out", folder[run],
        .. Unless(more, "--device", "simd", "--epochs", "3", "--batch-size", "16", "--bootstrap", "100"), .. more,
    ];

    /// <summary>Options with their values, but for those that are given otherwise.</summary>
    private static IEnumerable<string> Unless(string[] given, params string[] usual) =>
        usual.Chunk(2).Where(option => !given.Contains(option[0])).SelectMany(option => option);
}
