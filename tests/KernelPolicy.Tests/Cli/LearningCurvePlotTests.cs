using System.Xml.Linq;
using KernelPolicy.Cli.Plots;
using KernelPolicy.Policy;
using NUnit.Framework;
using SkiaSharp;

namespace KernelPolicy.Tests.Cli;

internal sealed class LearningCurvePlotTests
{
    private static readonly LearningCurve Curve = new([(1, 0.12), (2, 0.14), (3, double.NaN), (4, 0.15)])
    {
        Subtitle = "exact; 41 items, Θ₀ = identity",
        Initial = 0.1,
        Popularity = 0.04,
        BestPossible = 0.3,
    };

    [Test]
    public void The_picture_has_a_curve_and_text()
    {
        using TestFolder folder = new();
        LearningCurvePlot.Save(Curve, folder["curve.png"]);
        using SKBitmap picture = SKBitmap.Decode(folder["curve.png"]);
        Assert.Multiple(() =>
        {
            Assert.That((picture.Width, picture.Height), Is.EqualTo((960, 540)));
            Assert.That(Count(picture, 0, 960, 60, pixel => pixel is { Red: < 100, Green: < 100, Blue: < 100 }), Is.GreaterThan(300), "the title");
            Assert.That(Count(picture, 0, 50, 540, pixel => pixel is { Red: < 100, Green: < 100, Blue: < 100 }), Is.GreaterThan(100), "the ticks");
            Assert.That(Count(picture, 0, 960, 540, pixel => pixel is { Red: < 30, Green: > 90 and < 140, Blue: > 150 }), Is.GreaterThan(500), "the curve");
        });
    }

    [Test]
    public void Audits_of_the_gradient_are_a_panel_below()
    {
        using TestFolder folder = new();
        LearningCurve curve = Curve with
        {
            Gradients =
            [
                new GradientAudit(0, 0, 64, 16, 0.04, 1e-4, 1e-5, 0.99, double.NaN),
                new GradientAudit(4, 400, 64, 16, 0.01, -1e-6, 1e-5, 0.99, 0.012),
            ],
        };
        LearningCurvePlot.Save(curve, folder["curve.png"]);
        LearningCurvePlot.Save(curve, folder["curve.svg"]);
        using SKBitmap picture = SKBitmap.Decode(folder["curve.png"]);
        string text = string.Join('|', XDocument.Load(folder["curve.svg"]).Descendants().Where(e => e.Name.LocalName == "text").Select(e => e.Value));
        Assert.Multiple(() =>
        {
            Assert.That((picture.Width, picture.Height), Is.EqualTo((960, 800)));
            Assert.That(Count(picture, 0, 960, 400, pixel => pixel is { Red: < 30, Green: > 90 and < 140, Blue: > 150 }), Is.GreaterThan(300), "the curve, above");
            Assert.That(Count(picture, 0, 960, 800, pixel => pixel is { Red: > 190, Green: > 100 and < 140, Blue: > 150 and < 185 }), Is.GreaterThan(300), "the error, below");
            Assert.That(text, Does.Contain("relative error, now 0.1").And.Contain("most popular item"));
        });
    }

    [Test]
    public void The_drawing_is_xml_with_text_in_fonts_that_readers_have()
    {
        using TestFolder folder = new();
        LearningCurvePlot.Save(Curve, folder["curve.svg"]);
        string text = File.ReadAllText(folder["curve.svg"]);
        XElement[] labels = [.. XDocument.Parse(text).Descendants().Where(element => element.Name.LocalName == "text")];
        Assert.That(labels, Has.Length.GreaterThan(5));
        Assert.That(labels.Select(label => (string?)label.Attribute("font-family")), Has.All.Contains("sans-serif"));
        Assert.That(labels.Any(label => label.Value.Contains("most popular item", StringComparison.Ordinal)));
    }

    [Test]
    public void The_font_has_every_character_that_pictures_use()
    {
        PlotFont.Use();
        using SKTypeface font = ScottPlot.Fonts.GetTypeface(PlotFont.Name, bold: false, italic: false);
        Assert.That(font.FamilyName, Is.EqualTo(PlotFont.Name));
        foreach (char c in "Reward on held-out users; exact, S = 1,000, K = 256, ε = 0.8, Θ₀ L – before 0123456789")
            Assert.That(font.ContainsGlyph(c), $"'{c}'");
    }

    [Test]
    public void A_curve_without_anything_known_is_still_a_picture()
    {
        using TestFolder folder = new();
        LearningCurvePlot.Save(new LearningCurve([]), folder["curve.png"]);
        Assert.That(new FileInfo(folder["curve.png"]).Length, Is.GreaterThan(1000));
    }

    [Test]
    public void Another_kind_of_file_is_refused() =>
        Assert.That(() => LearningCurvePlot.Save(Curve, "curve.gif"), Throws.ArgumentException.With.Message.Contains("curve.gif"));

    private static int Count(SKBitmap picture, int left, int right, int bottom, Func<SKColor, bool> matches)
    {
        int count = 0;
        for (int y = 0; y < bottom; y++)
        {
            for (int x = left; x < right; x++)
                count += matches(picture.GetPixel(x, y)) ? 1 : 0;
        }

        return count;
    }
}
