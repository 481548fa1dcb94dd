using System.Text.RegularExpressions;
using NUnit.Framework;

namespace KernelPolicy.Tests.Architecture;

/// <summary>What the house rules ask of every file.</summary>
internal sealed partial class SourceRuleTests
{
    private const int LongestFile = 300;

    /// <summary>Files that are longer, and why.</summary>
    private static readonly Dictionary<string, string> Longer = [];

    [Test]
    public void No_file_is_longer_than_the_rule_without_a_reason()
    {
        string[] longer =
        [
            .. Repository.Files("*.cs").Concat(Repository.Files("*.py"))
                .Where(path => Repository.Lines(path).Length > LongestFile),
        ];
        Assert.That(longer, Is.EquivalentTo(Longer.Keys), $"files of more than {LongestFile} lines");
        Assert.That(Longer.Values, Has.None.Empty, "reasons");
    }

    [Test]
    public void Every_suppression_says_why()
    {
        List<string> silent = [];
        foreach (string path in Suppressing())
        {
            string[] lines = Repository.Lines(path);
            for (int i = 0; i < lines.Length; i++)
            {
                if (Suppression().IsMatch(lines[i]) && !IsExplained(lines, i))
                    silent.Add($"{path}({i + 1}): {lines[i].Trim()}");
            }
        }

        Assert.That(silent, Is.Empty);
    }

    [TestCase("#pragma warning disable CA1000", false)]
    [TestCase("#pragma warning disable CA1000 // Its reason.", true)]
    [TestCase("// Its reason.\n#pragma warning disable CA1000", true)]
    [TestCase("[SuppressMessage(\"Design\", \"CA1000\")]", false)]
    [TestCase("[SuppressMessage(\"Design\", \"CA1000\",\n    Justification = \"Its reason.\")]", true)]
    [TestCase("<NoWarn>CA1000</NoWarn>", false)]
    [TestCase("<!-- Its\n  reason. -->\n<NoWarn>CA1000</NoWarn>", true)]
    [TestCase("[*.cs]\ndotnet_diagnostic.CA1000.severity = none", false)]
    [TestCase("# Its reason.\n[*.cs]\ndotnet_diagnostic.CA1000.severity = none\ndotnet_diagnostic.CA1001.severity = none", true)]
    public void A_reason_is_told_from_none(string text, bool expected)
    {
        string[] lines = text.Split('\n');
        int[] found = [.. Enumerable.Range(0, lines.Length).Where(i => Suppression().IsMatch(lines[i]))];
        Assert.That(found, Is.Not.Empty);
        Assert.That(found.Select(i => IsExplained(lines, i)), Is.All.EqualTo(expected));
    }

    private static IEnumerable<string> Suppressing() =>
    [
        .. Repository.Files("*.cs").Where(path => !path.EndsWith("/" + nameof(SourceRuleTests) + ".cs", StringComparison.Ordinal)),
        .. Repository.Files("*.csproj"), .. Repository.SharedProjectFiles, ".editorconfig",
    ];

    /// <summary>Whether a reason stands in the line, within the next two (an attribute's arguments), or above: above a run of
    /// suppressions, and the header of their section.</summary>
    private static bool IsExplained(string[] lines, int at)
    {
        if (Comment().IsMatch(lines[at]) || lines.Skip(at).Take(3).Any(line => Justification().IsMatch(line)))
            return true;
        int above = at - 1;
        while (above >= 0 && (Suppression().IsMatch(lines[above]) || SectionHeader().IsMatch(lines[above])))
            above--;
        return above >= 0 && Comment().IsMatch(lines[above]);
    }

    [GeneratedRegex(@"#pragma\s+warning\s+disable|SuppressMessage\(|<NoWarn|<WarningsNotAsErrors|\.severity\s*=\s*(?:none|silent)")]
    private static partial Regex Suppression();

    [GeneratedRegex(@"\w.*//\s*\w|^\s*//\s*\w|-->|^\s*#\s+\w")]
    private static partial Regex Comment();

    [GeneratedRegex("Justification\\s*=\\s*\"[^\"]+\"")]
    private static partial Regex Justification();

    [GeneratedRegex(@"^\s*\[[^\]]*\]\s*$")]
    private static partial Regex SectionHeader();
}
