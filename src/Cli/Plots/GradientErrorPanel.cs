using System.Globalization;
using KernelPolicy.Policy;
using ScottPlot;
using ScottPlot.TickGenerators;

namespace KernelPolicy.Cli.Plots;

/// <summary>The panel below a learning curve: error and bias of the estimated gradient by epoch, as shares of the exact one's
/// length, on a scale of powers of ten.</summary>
internal static class GradientErrorPanel
{
    private static readonly Color ErrorColour = Color.FromHex("#CC79A7");
    private static readonly Color BiasColour = Color.FromHex("#E69F00");
    private static readonly Color ClaimedColour = Color.FromHex("#777777");

    /// <summary>Draws the panel. A bias whose square came out at or below zero has no logarithm and is left out.</summary>
    public static Plot Draw(IReadOnlyList<GradientAudit> audits)
    {
        Plot plot = new();
        (double Low, double High) range = (double.PositiveInfinity, double.NegativeInfinity);
        Add("relative error", ErrorColour, audit => audit.SquaredError);
        Add("of it bias", BiasColour, audit => audit.SquaredBias);
        Add("error that strata state", ClaimedColour, audit => audit.ClaimedSquaredError);
        int last = Math.Max(1, audits.Count > 0 ? audits[^1].Epoch : 1);
        bool isEmpty = range.Low > range.High;
        double low = isEmpty ? -1 : Math.Floor(range.Low), high = isEmpty ? 0 : Math.Max(Math.Ceiling(range.High), low + 1);
        plot.Axes.SetLimits(-0.02 * last, 1.02 * last, low, high);
        plot.Axes.Left.TickGenerator = new NumericAutomatic
        {
            IntegerTicksOnly = true,
            LabelFormatter = power => Math.Pow(10, power).ToString("G3", CultureInfo.InvariantCulture),
            MinorTickGenerator = new LogMinorTickGenerator(),
        };
        plot.YLabel("of the gradient");
        plot.Axes.Left.Label.Bold = false;
        return plot;

        void Add(string name, Color colour, Func<GradientAudit, double> square)
        {
            (double Epoch, double Power)[] points = [.. audits
                .Select(audit => ((double)audit.Epoch, Math.Log10(square(audit)) / 2))
                .Where(point => double.IsFinite(point.Item2))];
            if (points.Length == 0)
                return;
            var line = plot.Add.Scatter(points.Select(p => p.Epoch).ToArray(), points.Select(p => p.Power).ToArray());
            line.Color = colour;
            line.LineWidth = 2f;
            line.MarkerSize = 6;
            line.LegendText = $"{name}, now {Math.Pow(10, points[^1].Power).ToString("G2", CultureInfo.InvariantCulture)}";
            range = (Math.Min(range.Low, points.Min(p => p.Power)), Math.Max(range.High, points.Max(p => p.Power)));
        }
    }
}
