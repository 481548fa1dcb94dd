using System.Globalization;
using KernelPolicy.Cli.Plots;
using KernelPolicy.Policy;
using ScottPlot;
using ScottPlot.MultiplotLayouts;
using ScottPlot.TickGenerators;

namespace KernelPolicy.Cli.Study;

/// <summary>The paper's figures, drawn from what was measured.</summary>
internal static class StudyPlots
{
    private const int Width = 1120;
    private const int Height = 420;
    private const byte BandAlpha = 36;

    // The legend stands beside the second panel, which is that much wider.
    private const int FirstPart = 9;
    private const int Parts = 22;

    private const float SpeedUpMarker = 8;
    private const float CurveMarker = 5.5f;
    private const float CrowdedMarker = 3;
    private const int ManyPoints = 30;
    private const int LeastPower = -3;
    private const int MostPower = 6;

    private static readonly Color ExactColour = Color.FromHex("#777777");

    // Colours that the colour-blind tell apart (Okabe and Ito).
    private static readonly Color[] Colours =
        [.. new[] { "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#B8A800" }.Select(Color.FromHex)];

    // Told apart by marks as well, not by dashes: Skia draws none in an SVG.
    private static readonly MarkerShape[] Markers =
    [
        MarkerShape.FilledCircle, MarkerShape.FilledTriangleUp, MarkerShape.FilledDiamond, MarkerShape.FilledTriangleDown,
        MarkerShape.OpenCircle, MarkerShape.OpenSquare, MarkerShape.OpenDiamond,
    ];

    /// <summary>Rewards by epoch and by time, as in figures 3 to 7 of the paper; null where there is no curve.</summary>
    public static StudyFigure? Curves(StudyResults results, ResearchQuestion question, StudyCatalogue catalogue)
    {
        IReadOnlyList<SeedCurves> all = LearningAnswer.Curves(results, question, catalogue);
        if (all.Count == 0)
            return null;
        PlotFont.Use();
        using Plot byEpoch = new(), byTime = new();
        int number = 0;
        // Strata are done when the paper's methods have hardly begun: by powers of time both are seen.
        bool isLogarithmic = question.Key == ResearchQuestion.Ours;
        foreach (SeedCurves curves in all)
        {
            LineLook look = Look(curves.Method, ref number);
            var points = curves.ByEpoch();
            Statistic[] rewards = [.. points.Select(p => p.Reward)];
            AddCurve(byEpoch, [.. points.Select(p => p.Epoch)], rewards, look, curves.Method.Label);
            int begin = isLogarithmic ? 1 : 0;
            AddCurve(
                byTime, [.. points.Skip(begin).Select(p => isLogarithmic ? Math.Log10(Math.Max(p.Seconds, 1e-6)) : p.Seconds)], rewards[begin..],
                look, curves.Method.Label);
        }

        // As much time as the baseline does not need: the others' curves would else be a line at the left edge.
        double time = Budget(all, LearningAnswer.Baseline(results, question, catalogue));
        (double low, double high) = Rewards(all);
        byEpoch.Axes.SetLimits(-0.02 * results.Plan.Settings.Epochs, 1.02 * results.Plan.Settings.Epochs, low, high);
        if (isLogarithmic)
        {
            double[] ends = [.. all.SelectMany(c => c.ByEpoch().Skip(1)).Select(p => Math.Log10(Math.Max(p.Seconds, 1e-6)))];
            byTime.Axes.SetLimits(ends.Min() - 0.1, ends.Max() + 0.1, low, high);
            byTime.Axes.Bottom.TickGenerator = Powers();
        }
        else
        {
            byTime.Axes.SetLimits(-0.02 * time, 1.02 * time, low, high);
        }

        Label(byEpoch, "by epoch", "epoch", "R_test");
        Label(byTime, "by time", "seconds of training steps", "");
        byEpoch.HideLegend();
        ShowLegend(byTime);
        string title = $"{catalogue.Title}: {question.Title}";
        return new StudyFigure($"{question.Key}-{catalogue.Name}", title, Draw([(byEpoch, FirstPart), (byTime, Parts - FirstPart)]));
    }

    /// <summary>Speed-ups over REINFORCE by L, as in figures 1 and 2 of the paper; null where nothing was measured.</summary>
    public static StudyFigure? SpeedUps(StudyResults results, ResearchQuestion question, StudyCatalogue catalogue)
    {
        PlotFont.Use();
        using Plot plot = new();
        int number = 0;
        bool isEmpty = true;
        double least = 0, most = 1;
        foreach (StudyMethod method in question.Methods)
        {
            var points = StepAnswer.SpeedUps(results, question, catalogue, method);
            LineLook look = Look(method, ref number);
            if (points.Count == 0)
                continue;
            isEmpty = false;
            double[] x = [.. points.Select(p => (double)question.Dimensions.ToList().IndexOf(p.Dimension))];
            double[] y = [.. points.Select(p => Math.Log10(p.SpeedUp.Mean))];
            (least, most) = (Math.Min(least, points.Min(p => ErrorBar(p.SpeedUp).Low)), Math.Max(most, points.Max(p => ErrorBar(p.SpeedUp).High)));
            AddLine(plot, x, y, look, method.Label, SpeedUpMarker);
            foreach ((double at, Statistic speedUp) in x.Zip(points.Select(p => p.SpeedUp)))
                AddError(plot, at, speedUp, look.Colour);
        }

        if (isEmpty)
            return null;
        plot.Axes.SetLimits(-0.2, question.Dimensions.Count - 0.8, least - 0.1, most + 0.1);
        double[] ticks = [.. Enumerable.Range(0, question.Dimensions.Count).Select(i => (double)i)];
        plot.Axes.Bottom.SetTicks(ticks, [.. question.Dimensions.Select(l => $"{l}")]);
        plot.Axes.Left.TickGenerator = Powers();
        Label(plot, "", "L, dimensions of the item embeddings", "times as fast as REINFORCE");
        ShowLegend(plot);
        string title = $"{catalogue.Title}: times as fast a step as REINFORCE's, by L.";
        return new StudyFigure($"{question.Key}-{catalogue.Name}", title, Draw([(plot, Parts)]));
    }

    // One, two and five of each power of ten, on an axis of logarithms.
    private static NumericManual Powers()
    {
        NumericManual ticks = new();
        for (int power = LeastPower; power <= MostPower; power++)
        {
            foreach (int digit in (int[])[1, 2, 5])
            {
                double value = digit * Math.Pow(10, power);
                ticks.AddMajor(Math.Log10(value), value.ToString("G1", CultureInfo.InvariantCulture) is var text && !text.Contains('E', StringComparison.Ordinal)
                    ? text : value.ToString("N0", CultureInfo.InvariantCulture));
            }
        }

        return ticks;
    }

    private static double Budget(IReadOnlyList<SeedCurves> all, SeedCurves baseline)
    {
        double Total(SeedCurves curves) => curves.ByEpoch()[^1].Seconds;
        double[] others = [.. all.Where(c => c.Method != StudyMethod.Reinforce).Select(Total)];
        double most = others.Length > 0 ? others.Max() : Total(all[0]);
        return Math.Max(1e-3, baseline.IsEmpty ? most : Math.Min(most, Total(baseline)));
    }

    private static (double Low, double High) Rewards(IReadOnlyList<SeedCurves> all)
    {
        double[] rewards = [.. all.SelectMany(c => c.ByEpoch()).SelectMany(p => Ends(p.Reward)).Where(double.IsFinite)];
        if (rewards.Length == 0)
            return (0, 1);
        double room = Math.Max(1e-3, 0.06 * (rewards.Max() - rewards.Min()));
        return (Math.Max(0, rewards.Min() - room), rewards.Max() + room);
    }

    // Of the band of standard errors; of the line alone where no error is known.
    private static double[] Ends(Statistic reward) => double.IsFinite(reward.Error)
        ? [reward.Mean - reward.Error, reward.Mean + reward.Error]
        : [reward.Mean];

    private static LineLook Look(StudyMethod method, ref int number) => method.Estimator switch
    {
        ReinforceOptions => new(Colors.Black, MarkerShape.FilledSquare),
        ExactOptions => new(ExactColour, MarkerShape.Eks),
        _ => new(Colours[number % Colours.Length], Markers[number++ % Markers.Length]),
    };

    private static void AddCurve(Plot plot, double[] x, Statistic[] rewards, LineLook look, string label)
    {
        if (rewards.All(r => double.IsFinite(r.Error)))
        {
            var band = plot.Add.FillY(
                x, [.. rewards.Select(r => r.Mean - r.Error)], [.. rewards.Select(r => r.Mean + r.Error)]);
            band.FillColor = look.Colour.WithAlpha(BandAlpha);
            band.LineWidth = 0;
            band.MarkerSize = 0;
        }

        AddLine(plot, x, [.. rewards.Select(r => r.Mean)], look, label, x.Length > ManyPoints ? CrowdedMarker : CurveMarker);
    }

    private static void AddLine(Plot plot, double[] x, double[] y, LineLook look, string label, float markerSize)
    {
        var line = plot.Add.Scatter(x, y);
        line.Color = look.Colour;
        line.LineWidth = 1.8f;
        line.MarkerShape = look.Marker;
        line.MarkerSize = markerSize;
        line.LegendText = label;
    }

    // Ends of an error bar on an axis of logarithms; the point itself where no error is known.
    private static (double Low, double High) ErrorBar(Statistic value)
    {
        double error = value.Error > 0 ? value.Error : 0;
        return (Math.Log10(Math.Max(value.Mean - error, value.Mean / 10)), Math.Log10(value.Mean + error));
    }

    private static void AddError(Plot plot, double at, Statistic value, Color colour)
    {
        if (!(value.Error > 0))
            return;
        (double low, double high) = ErrorBar(value);
        var line = plot.Add.Line(at, low, at, high);
        line.LineColor = colour;
        line.LineWidth = 1.5f;
        line.MarkerSize = 0;
    }

    private static void Label(Plot plot, string title, string x, string y)
    {
        if (title.Length > 0)
            plot.Title(title);
        plot.XLabel(x);
        if (y.Length > 0)
            plot.YLabel(y);
        foreach (LabelStyle label in (LabelStyle[])[plot.Axes.Title.Label, plot.Axes.Left.Label, plot.Axes.Bottom.Label])
            label.Bold = false;
        plot.Axes.Title.Label.FontSize = 14;
    }

    private static void ShowLegend(Plot plot)
    {
        plot.ShowLegend(Edge.Right);
        plot.Legend.OutlineWidth = 0;
        plot.Legend.ShadowColor = Colors.Transparent;
        plot.Legend.SymbolWidth = 30;
    }

    private static string Draw(IReadOnlyList<(Plot Plot, int Parts)> panels)
    {
        Multiplot picture = new();
        picture.Reset(panels[0].Plot);
        foreach ((Plot plot, _) in panels.Skip(1))
            picture.AddPlot(plot);
        CustomGrid grid = new();
        int at = 0;
        foreach ((Plot plot, int parts) in panels)
        {
            grid.Set(plot, new GridCell(0, at, 1, Parts, 1, parts));
            at += parts;
        }

        picture.Layout = grid;
        return SvgPicture.Of(picture, Width, Height);
    }

    private readonly record struct LineLook(Color Colour, MarkerShape Marker);
}
