using ScottPlot;
using ScottPlot.MultiplotLayouts;

namespace KernelPolicy.Cli.Plots;

/// <summary>Draws a learning curve as PNG or SVG.</summary>
internal static class LearningCurvePlot
{
    private const int Width = 960;
    private const int Height = 540;
    private const int PanelHeight = 400;

    private static readonly Color CurveColour = Color.FromHex("#0072B2");
    private static readonly Color PopularityColour = Color.FromHex("#D55E00");
    private static readonly Color InitialColour = Color.FromHex("#777777");
    private static readonly Color LoggingColour = Color.FromHex("#CC79A7");
    private static readonly Color BestColour = Color.FromHex("#009E73");

    /// <summary>Writes the picture; the extension says which kind.</summary>
    /// <param name="curve">What to show.</param>
    /// <param name="path">A path that ends in .png or .svg; its folder must exist.</param>
    /// <exception cref="ArgumentException">Another extension.</exception>
    public static void Save(LearningCurve curve, string path)
    {
        using Plot plot = Draw(curve);
        using Plot? panel = curve.Gradients.Count > 0 ? Panel(curve) : null;
        Multiplot picture = new();
        picture.Reset(plot);
        if (panel is not null)
            picture.AddPlot(panel);
        picture.Layout = new Rows();
        int height = panel is null ? Height : 2 * PanelHeight;
        switch (Path.GetExtension(path).ToUpperInvariant())
        {
            case ".PNG":
                picture.SavePng(path, Width, height);
                break;
            case ".SVG":
                File.WriteAllText(path, SvgPicture.Of(picture, Width, height));
                break;
            default:
                throw new ArgumentException($"A learning curve is written as .png or .svg, not as {Path.GetFileName(path)}.", nameof(path));
        }
    }

    private static Plot Panel(LearningCurve curve)
    {
        Plot panel = GradientErrorPanel.Draw(curve.Gradients);
        panel.Title("Error of the estimated gradient on training users");
        panel.Axes.Title.Label.Bold = false;
        panel.XLabel("epoch");
        panel.Axes.Bottom.Label.Bold = false;
        SetEpochs(panel, Math.Max(1, curve.Gradients[^1].Epoch));
        ShowLegend(panel);
        return panel;
    }

    private static Plot Draw(LearningCurve curve)
    {
        PlotFont.Use();
        Plot plot = new();
        AddLevel(plot, "best possible", curve.BestPossible, BestColour, LinePattern.Dashed);
        AddCurve(plot, curve);
        AddLevel(plot, "before training", curve.Initial, InitialColour, LinePattern.Dotted);
        AddLevel(plot, "most popular item", curve.Popularity, PopularityColour, LinePattern.Dashed);
        AddLevel(plot, "logging policy", curve.Logging, LoggingColour, LinePattern.Dashed);
        plot.Title(curve.Subtitle.Length > 0 ? $"{curve.Title}\n{curve.Subtitle}" : curve.Title);
        plot.Axes.Title.Label.Bold = false;
        plot.XLabel("epoch");
        plot.YLabel("reward");
        plot.Axes.Left.Label.Bold = false;
        plot.Axes.Bottom.Label.Bold = false;
        ShowLegend(plot);
        SetAxes(plot, curve);
        return plot;
    }

    private static void ShowLegend(Plot plot)
    {
        plot.ShowLegend(Edge.Right);
        plot.Legend.OutlineWidth = 0;
        plot.Legend.ShadowColor = Colors.Transparent;
        // Wide enough that a dashed line shows its pattern.
        plot.Legend.SymbolWidth = 34;
    }

    private static void AddCurve(Plot plot, LearningCurve curve)
    {
        List<(int Epoch, double Reward)> points = [.. curve.Validation.Where(p => double.IsFinite(p.Reward))];
        if (curve.Initial is { } initial && double.IsFinite(initial))
            points.Insert(0, (0, initial));
        if (points.Count == 0)
            return;
        var line = plot.Add.Scatter(points.Select(p => (double)p.Epoch).ToArray(), points.Select(p => p.Reward).ToArray());
        line.Color = CurveColour;
        line.LineWidth = 2.5f;
        line.MarkerSize = 8;
        line.LegendText = $"validation, now {points[^1].Reward:0.0000}";
    }

    private static void AddLevel(Plot plot, string name, double? level, Color colour, LinePattern pattern)
    {
        if (level is not { } value || !double.IsFinite(value))
            return;
        var line = plot.Add.HorizontalLine(value, 1.5f, colour, pattern);
        line.LegendText = $"{name}, {value:0.0000}";
    }

    private static void SetAxes(Plot plot, LearningCurve curve)
    {
        int last = curve.Validation.Count > 0 ? Math.Max(1, curve.Validation[^1].Epoch) : 1;
        double[] levels =
        [
            .. curve.Validation.Select(p => p.Reward),
            .. new[] { curve.Initial, curve.Popularity, curve.Logging, curve.BestPossible }.OfType<double>(),
        ];
        double top = levels.Where(double.IsFinite).DefaultIfEmpty(1).Max();
        // From zero: a reward is a share, and an axis that starts elsewhere makes any gain look large.
        plot.Axes.SetLimits(-0.02 * last, 1.02 * last, 0, top > 0 ? 1.08 * top : 1);
        SetEpochs(plot, last);
        plot.Axes.Left.TickGenerator = new ScottPlot.TickGenerators.NumericAutomatic { TargetTickCount = 8 };
    }

    private static void SetEpochs(Plot plot, int last)
    {
        int stride = (last + 11) / 12;
        double[] ticks = [.. Enumerable.Range(0, (last / stride) + 1).Select(i => (double)(i * stride))];
        plot.Axes.Bottom.SetTicks(ticks, [.. ticks.Select(tick => $"{tick:0}")]);
    }
}
