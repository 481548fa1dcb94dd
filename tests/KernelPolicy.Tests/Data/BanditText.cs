using System.Globalization;
using KernelPolicy.Data;

namespace KernelPolicy.Tests.Data;

/// <summary>A log of decisions as text, for tests to compare at a glance: action propensity reward | position | time |
/// features | history, "-" for what is not there.</summary>
internal static class BanditText
{
    public static string[] Lines(BanditLog log) => [.. Enumerable.Range(0, log.Count).Select(row => Line(log, row))];

    private static string Line(BanditLog log, int row) => string.Create(
        CultureInfo.InvariantCulture,
        $"{log.ItemIds[log.Actions[row]]} {(log.HasPropensities ? $"{log.Propensities[row]:R}" : "-")} {log.Rewards[row]:R} | {(log.HasPositions ? $"{log.Positions[row]}" : "-")} | {(log.HasTimes ? $"{log.Times[row]:R}" : "-")} | {Features(log, row)} | {History(log, row)}");

    private static string Features(BanditLog log, int row) =>
        log.Features is null ? "-" : string.Join(' ', log.Features.Row(row).ToArray().Select(v => v.ToString("R", CultureInfo.InvariantCulture)));

    private static string History(BanditLog log, int row) =>
        log.Histories is null ? "-" : string.Join(' ', log.Histories[row].ToArray().Select(item => log.ItemIds[item]));
}
