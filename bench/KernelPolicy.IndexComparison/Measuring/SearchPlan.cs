using System.Globalization;

namespace KernelPolicy.IndexComparison.Measuring;

/// <summary>What is measured and how long: the same for every library, and parsed from the same arguments.</summary>
/// <param name="Grid">For each K, the widths ef to search with, rising.</param>
/// <param name="Threads">Numbers of threads, rising.</param>
/// <param name="Seconds">Least time of a pass.</param>
/// <param name="Passes">Passes, of which the best counts.</param>
/// <param name="Limit">Seconds for all queries once, beyond which a curve ends.</param>
/// <param name="Latencies">Single queries to time.</param>
internal sealed record SearchPlan(
    IReadOnlyList<(int K, int[] Ef)> Grid, int[] Threads, double Seconds, int Passes, double Limit, int Latencies)
{
    /// <summary>Recall at which a curve ends: more is luck.</summary>
    public const double EnoughRecall = 0.9995;

    /// <summary>Parses "10:10,16;256:256,512".</summary>
    public static IReadOnlyList<(int K, int[] Ef)> ParseGrid(string text) =>
        [.. text.Split(';', StringSplitOptions.RemoveEmptyEntries).Select(part =>
        {
            string[] sides = part.Split(':');
            return sides.Length == 2
                ? (Whole(sides[0]), ParseList(sides[1]))
                : throw new ArgumentException($"The grid '{text}' should look like 10:10,16;256:256,512.", nameof(text));
        })];

    /// <summary>Parses "1,2".</summary>
    public static int[] ParseList(string text) => [.. text.Split(',').Select(Whole)];

    private static int Whole(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int value) && value > 0
            ? value
            : throw new ArgumentException($"'{text}' is no positive whole number.", nameof(text));
}
