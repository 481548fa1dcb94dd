using System.Text.RegularExpressions;
using NUnit.Framework;

namespace KernelPolicy.Tests.Documentation;

/// <summary>What the pages point at is there: files, headings, results.</summary>
public partial class PageLinkTests
{
    private static IEnumerable<string> All => Pages.All;

    private static IEnumerable<string> OfUsers => Pages.OfUsers;

    [TestCaseSource(nameof(All))]
    public void LinksLeadSomewhere(string page) => Assert.That(Faults(page, Pages.Read(page)), Is.Empty);

    [TestCaseSource(nameof(All))]
    public void ResultsThatAreNamedExist(string page) => Assert.That(
        Result().Matches(File.ReadAllText(Path.Combine(Pages.Root, page))).Select(match => match.Value)
            .Where(path => !Path.Exists(Path.Combine(Pages.Root, path))),
        Is.Empty);

    [TestCaseSource(nameof(OfUsers))]
    public void FilesNamedInTheTextExist(string page) => Assert.That(
        Pages.Read(page).CodeSpans.Where(span => NamedFile().IsMatch(span) && !Path.Exists(Path.Combine(Pages.Root, span))), Is.Empty);

    [Test]
    public void PagesOfDocsAreInTheirIndex()
    {
        IEnumerable<string> pages = Pages.OfUsers.Where(page => page.StartsWith("docs/", StringComparison.Ordinal)).Select(page => page["docs/".Length..]);
        Assert.That(Pages.Read("docs/README.md").Links, Is.SupersetOf(pages.Where(page => page != "README.md")));
    }

    [TestCase("[there](README.md)", 0)]
    [TestCase("[there](README.md#how-fast)", 0)]
    [TestCase("[two\nlines](CONTRIBUTING.md)", 0)]
    [TestCase("[nowhere](NOWHERE.md)", 1)]
    [TestCase("[nowhere](README.md#how-slow)", 1)]
    [TestCase("[here](#words)", 0)]
    [TestCase("[here](#worlds)", 1)]
    [TestCase("[abroad](https://example.org/nowhere)", 0)]
    [TestCase("`[words](NOWHERE.md)`", 0)]
    public void WhatLeadsNowhereIsFound(string text, int faults) =>
        Assert.That(Faults("PAGE.md", new MarkdownPage($"# Words\n\n{text}\n")), Has.Count.EqualTo(faults));

    [TestCase("## Interactions: `train`, `study`", "interactions-train-study")]
    [TestCase("## The mixture's ε", "the-mixtures-ε")]
    [TestCase("### 1. Does it learn?", "1-does-it-learn")]
    public void AnchorsAreThoseOfGitHub(string heading, string anchor) =>
        Assert.That(new MarkdownPage($"{heading}\n").Anchors, Is.EqualTo(new[] { anchor }));

    private static List<string> Faults(string name, MarkdownPage page)
    {
        List<string> faults = [];
        string folder = Path.GetDirectoryName(Path.Combine(Pages.Root, name))!;
        foreach (string target in page.Links.Where(link => !link.Contains("://", StringComparison.Ordinal)))
        {
            string[] parts = target.Split('#', 2);
            string file = Path.GetFullPath(Path.Combine(folder, parts[0]));
            if (parts[0].Length > 0 && !Path.Exists(file))
                faults.Add($"{target}: there is no such file");
            else if (parts.Length == 2 && !(parts[0].Length == 0 ? page : new MarkdownPage(File.ReadAllText(file))).Anchors.Contains(parts[1]))
                faults.Add($"{target}: there is no such heading");
        }

        return faults;
    }

    [GeneratedRegex(@"bench/results/[\w./-]*\w")]
    private static partial Regex Result();

    [GeneratedRegex(@"^(bench|src|tests|samples|\.ci)/[\w./-]*\w$")]
    private static partial Regex NamedFile();
}
