using KernelPolicy.Cli.Plots;
using ScottPlot;

namespace KernelPolicy.EstimatorComparison.Reporting;

/// <summary>Pictures of R_test over the seconds of steps, one a data set: up and to the left is better.</summary>
internal static class LearningPlots
{
    private const int Width = 900;
    private const int Height = 560;

    // Colours that the colour-blind tell apart (Okabe and Ito).
    private static readonly Color[] Colours =
        [.. new[] { "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#777777", "#000000" }.Select(Color.FromHex)];

    /// <summary>Writes the pictures into a folder.</summary>
    public static void Save(CsvTable curves, string folder)
    {
        PlotFont.Use();
        foreach (string data in curves.Values("data"))
        {
            Plot plot = new();
            int number = 0;
            foreach (string estimator in curves.Where("data", data).Select(row => curves.Text(row, "estimator")).Distinct())
            {
                int[] rows = [.. curves.Where("data", data).Intersect(curves.Where("estimator", estimator))];
                string seed = rows.Select(row => curves.Text(row, "seed")).Order().First();
                rows = [.. rows.Where(row => curves.Text(row, "seed") == seed && curves.Number(row, "seconds") > 0)];
                var line = plot.Add.Scatter(
                    rows.Select(row => Math.Log10(curves.Number(row, "seconds"))).ToArray(),
                    rows.Select(row => curves.Number(row, "reward")).ToArray());
                line.Color = Colours[number % Colours.Length];
                line.LineWidth = 2;
                line.MarkerSize = 3;
                line.LegendText = estimator;
                number++;
            }

            plot.Title(data);
            plot.XLabel("seconds of training steps");
            plot.YLabel("R_test");
            foreach (var label in (LabelStyle[])[plot.Axes.Title.Label, plot.Axes.Left.Label, plot.Axes.Bottom.Label])
                label.Bold = false;
            ScottPlot.TickGenerators.NumericManual ticks = new();
            foreach (double seconds in (double[])[0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000])
                ticks.AddMajor(Math.Log10(seconds), $"{seconds}");
            plot.Axes.Bottom.TickGenerator = ticks;
            plot.ShowLegend(Alignment.LowerRight);
            plot.SavePng(Path.Combine(folder, data + ".png"), Width, Height);
        }
    }
}
