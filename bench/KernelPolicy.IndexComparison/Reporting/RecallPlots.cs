using System.Globalization;
using KernelPolicy.Cli.Plots;
using KernelPolicy.IndexComparison.Datasets;
using ScottPlot;

namespace KernelPolicy.IndexComparison.Reporting;

/// <summary>Pictures of recall against queries per second: one a dataset, with a panel for each K and number of threads.
/// Up and to the right is better.</summary>
internal sealed class RecallPlots(ResultSet results)
{
    private const int PanelWidth = 640;
    private const int PanelHeight = 440;

    // Colours that the colour-blind tell apart (Okabe and Ito); ours stands out by its width.
    private static readonly Color[] Peers = [.. new[] { "#D55E00", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#777777" }.Select(Color.FromHex)];
    private static readonly Color Ours = Color.FromHex("#0072B2");
    private static readonly MarkerShape[] Shapes =
        [MarkerShape.FilledSquare, MarkerShape.FilledTriangleUp, MarkerShape.FilledDiamond, MarkerShape.FilledTriangleDown, MarkerShape.OpenCircle];

    /// <summary>Writes the pictures of all datasets into a folder.</summary>
    public void Save(string folder)
    {
        PlotFont.Use();
        Directory.CreateDirectory(folder);
        foreach (DatasetMeta dataset in results.Datasets)
        {
            IReadOnlyList<(int K, int Threads)> panels = results.Panels(dataset.Name);
            if (panels.Count == 0)
                continue;
            int columns = panels.Select(p => p.Threads).Distinct().Count();
            int rows = panels.Select(p => p.K).Distinct().Count();
            Multiplot picture = new();
            picture.AddPlots(rows * columns);
            picture.Layout = new ScottPlot.MultiplotLayouts.Grid(rows, columns);
            for (int i = 0; i < panels.Count; i++)
                Draw(picture.GetPlot(i), dataset, panels[i].K, panels[i].Threads, legend: i == 0);
            picture.SavePng(Path.Combine(folder, dataset.Name + ".png"), columns * PanelWidth, rows * PanelHeight);
        }
    }

    private void Draw(Plot plot, DatasetMeta dataset, int k, int threads, bool legend)
    {
        double fastest = 1, slowest = double.PositiveInfinity, lowest = 1;
        int peer = 0;
        foreach (string library in results.Graphs(dataset.Name))
        {
            bool isOurs = library == ResultSet.Ours;
            int own = isOurs ? 0 : peer++;
            RecallCurve curve = results.Curve(dataset.Name, library, k, threads);
            if (curve.IsEmpty)
                continue;
            var line = plot.Add.Scatter(
                curve.Points.Select(p => p.Recall).ToArray(), curve.Points.Select(p => Math.Log10(p.Value)).ToArray());
            line.Color = isOurs ? Ours : Peers[own % Peers.Length];
            line.MarkerShape = isOurs ? MarkerShape.FilledCircle : Shapes[own % Shapes.Length];
            line.LineWidth = isOurs ? 3 : 1.5f;
            line.MarkerSize = isOurs ? 7 : 6;
            line.LegendText = library;
            fastest = Math.Max(fastest, curve.Points.Max(p => p.Value));
            slowest = Math.Min(slowest, curve.Points.Min(p => p.Value));
            lowest = Math.Min(lowest, curve.Points.Min(p => p.Recall));
        }

        plot.Title($"{dataset.Name}: K = {k}, {threads} thread{(threads == 1 ? "" : "s")}");
        plot.XLabel($"recall@{k}");
        plot.YLabel("queries per second");
        foreach (var label in (LabelStyle[])[plot.Axes.Title.Label, plot.Axes.Left.Label, plot.Axes.Bottom.Label])
            label.Bold = false;
        plot.Axes.SetLimits(lowest - (0.03 * (1 - lowest)) - 0.002, 1 + (0.02 * (1 - lowest)) + 0.002, Math.Log10(slowest) - 0.1, Math.Log10(fastest) + 0.1);
        SetLogTicks(plot, slowest, fastest);
        if (legend)
            plot.ShowLegend(Alignment.LowerLeft);
        else
            plot.HideLegend();
    }

    /// <summary>Marks 1, 2 and 5 of every power of ten: the axis holds logarithms.</summary>
    private static void SetLogTicks(Plot plot, double slowest, double fastest)
    {
        ScottPlot.TickGenerators.NumericManual ticks = new();
        for (int power = (int)Math.Floor(Math.Log10(slowest)); power <= Math.Ceiling(Math.Log10(fastest)); power++)
        {
            foreach (int step in (ReadOnlySpan<int>)[1, 2, 5])
            {
                double value = step * Math.Pow(10, power);
                ticks.AddMajor(Math.Log10(value), value.ToString("N0", CultureInfo.InvariantCulture));
            }
        }

        plot.Axes.Left.TickGenerator = ticks;
    }
}
