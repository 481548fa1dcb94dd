using KernelPolicy.Tests.Data;
using KernelPolicy.Tests.Documentation;
using NUnit.Framework;

namespace KernelPolicy.Tests.Bench;

/// <summary>Tables that claim to come from results agree with them; the check itself finds what it should.</summary>
public class RecordedTablesTests
{
    private const string Source = """
        | P | a | b |
        | ---: | ---: | ---: |
        | 10,000 | 0.5571 | 12,345 |
        | 20,000 | 3.25 | 99.4 |

        Later 0.44 ms at P = 10,000.
        """;

    private static IEnumerable<string> PagesWithTables => [.. Pages.OfUsers, "bench/README.md"];

    [TestCaseSource(nameof(PagesWithTables))]
    public void TablesAgreeWithTheirResults(string file) =>
        Assert.That(new RecordedTables(Pages.Root).Faults(File.ReadAllText(Path.Combine(Pages.Root, file))), Is.Empty);

    [TestCase("| 10,000 | 0.56 | 12,300 |", 0)]
    [TestCase("| 10,000 | 0.557 ms | 12.3 |", 0, Description = "a thousandth of the source's unit")]
    [TestCase("| 10,000 | 0.44 | – |", 0, Description = "out of the text")]
    [TestCase("| 10,000 | 0.57 | 12,300 |", 1)]
    [TestCase("| 10,000 | 0.57 | 12,500 |", 2)]
    [TestCase("| 10,000 | 3.25 | |", 1, Description = "of another row")]
    [TestCase("| 30,000 | 3.25 | |", 1, Description = "of no row")]
    [TestCase("| Later | 0.44 | |", 0, Description = "named by words")]
    [TestCase("| `Later` | 0.44 | |", 0, Description = "words in the font of code")]
    [TestCase("| Sooner | 0.44 | |", 1)]
    [TestCase("| 20,000 | 99 % | at most 3.3 |", 0)]
    public void NumbersMustBeOnTheLineOfTheirRow(string row, int faults) =>
        Assert.That(Faults("<!-- from source.md -->\n", row), Has.Count.EqualTo(faults));

    [TestCase("lines 20,000", "| any name | 3.25 |", 0)]
    [TestCase("lines 20,000", "| any name | 0.56 |", 1)]
    public void LinesMayBeChosenByWords(string words, string row, int faults) =>
        Assert.That(Faults($"<!-- from source.md {words} -->\n", row), Has.Count.EqualTo(faults));

    [Test]
    public void SourcesAddUp() => Assert.That(
        Faults("<!-- from source.md -->\n<!-- from more.csv -->\n\n", "| 10,000 | 0.56 | 7.77 |"), Is.Empty);

    [Test]
    public void MissingSourcesAreFaults() => Assert.That(
        Faults("<!-- from absent.md -->\n", "| 10,000 | words |"), Is.EqualTo(new[] { "line 2: there is no absent.md" }));

    [Test]
    public void TablesOfNumbersMustHaveASource()
    {
        Assert.That(Faults("", "| 10,000 | 0.56 |"), Has.Count.EqualTo(1));
        Assert.That(Faults("", "| `--top-k` | 64 items are asked for |\n| `--tail` | draws |\n| `--seed` | seed |"), Is.Empty);
        Assert.That(Faults("<!-- from source.md -->\nWords between.\n", "| 10,000 | 0.56 |"), Has.Count.EqualTo(1));
    }

    [TestCase("103,000", 103_000, 1000)]
    [TestCase("200", 200, 10)]
    [TestCase("7", 7, 1)]
    [TestCase("10.0", 10, 0.1)]
    [TestCase("1,234.5", 1234.5, 0.1)]
    public void UnitsAreThoseOfTheLastFigure(string text, double value, double unit)
    {
        Figure figure = Figure.In(text).Single();
        Assert.That(figure.Value, Is.EqualTo(value));
        Assert.That(figure.Unit, Is.EqualTo(unit).Within(1e-12));
    }

    [TestCase("synthetic-750000x100, .NET 10.0.12, v2", new double[0])]
    [TestCase("K = 10 at 0.95; 61 %, 1,744.", new[] { 10, 0.95, 61, 1744 })]
    public void NamesAreNoNumbers(string text, double[] numbers) =>
        Assert.That(Figure.In(text).Select(figure => figure.Value), Is.EqualTo(numbers));

    private static IReadOnlyList<string> Faults(string before, string rows)
    {
        using TempFolder folder = new();
        folder.WriteText("source.md", Source);
        folder.Write("more.csv", "p,c", "10000,7.7654");
        return new RecordedTables(folder.Folder).Faults($"{before}| P | a | b |\n| ---: | ---: | ---: |\n{rows}\n");
    }
}
