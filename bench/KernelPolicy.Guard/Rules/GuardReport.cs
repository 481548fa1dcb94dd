using System.Text;
using KernelPolicy.Bench;

namespace KernelPolicy.Guard.Rules;

/// <summary>The guard's tables and verdict.</summary>
internal static class GuardReport
{
    /// <summary>Writes what was measured and what was found.</summary>
    /// <returns>Whether every rule holds.</returns>
    public static bool Write(Measurements measured, IReadOnlyList<IRule> rules, StringBuilder text)
    {
        MarkdownTable times = new("<a call of", "ms");
        foreach ((string name, double milliseconds) in measured.Milliseconds)
            times.Add(name, MarkdownTable.Number(milliseconds));
        times.WriteTo(text);

        Finding[] findings = [.. rules.Select(rule => rule.Check(measured))];
        MarkdownTable table = new("<rule", "expected", "limit", "measured", "<");
        foreach (Finding finding in findings)
        {
            table.Add(
                finding.What, MarkdownTable.Error(finding.Expected), MarkdownTable.Error(finding.Limit), MarkdownTable.Error(finding.Measured),
                finding.Holds ? "holds" : "FAILS");
        }

        table.WriteTo(text);
        int failed = findings.Count(finding => !finding.Holds);
        text.AppendLine(failed == 0 ? $"All {findings.Length} hold." : $"{failed} of {findings.Length} FAIL.");
        return failed == 0;
    }
}
