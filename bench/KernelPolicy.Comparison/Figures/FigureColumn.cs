using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using KernelPolicy.Bench;

namespace KernelPolicy.Comparison.Figures;

/// <summary>A column of figures that cases found out about themselves; left out of tables whose cases have none.</summary>
internal sealed class FigureColumn(string figure, string heading, string legend) : IColumn
{
    /// <summary>Every such column.</summary>
    public static IColumn[] All { get; } =
    [
        new FigureColumn(CaseFigures.RelativeError, "Gradient error", "√(Σ‖Ĝ − G‖² / Σ‖G‖²) over 16 steps, G [L, L] being the exact gradient"),
        new FigureColumn(CaseFigures.Recall, "Recall@K", "Share of the exact top K that the search found"),
        new FigureColumn(CaseFigures.BytesRead, "MB moved", "10^6 bytes that a call moves, counted from what its kernels do (StepBytes)"),
    ];

    /// <inheritdoc/>
    public string Id => "KernelPolicy." + figure;

    /// <inheritdoc/>
    public string ColumnName => heading;

    /// <inheritdoc/>
    public bool AlwaysShow => false;

    /// <inheritdoc/>
    public ColumnCategory Category => ColumnCategory.Custom;

    /// <inheritdoc/>
    public int PriorityInCategory => 0;

    /// <inheritdoc/>
    public bool IsNumeric => true;

    /// <inheritdoc/>
    public UnitType UnitType => UnitType.Dimensionless;

    /// <inheritdoc/>
    public string Legend => legend;

    /// <inheritdoc/>
    public bool IsAvailable(Summary summary) => summary.BenchmarksCases.Any(benchmark => !double.IsNaN(Value(benchmark)));

    /// <inheritdoc/>
    public bool IsDefault(Summary summary, BenchmarkCase benchmarkCase) => false;

    /// <inheritdoc/>
    public string GetValue(Summary summary, BenchmarkCase benchmarkCase)
    {
        double value = Value(benchmarkCase);
        return double.IsNaN(value) ? "–" : figure == CaseFigures.BytesRead ? MarkdownTable.Number(value / 1e6) : MarkdownTable.Error(value);
    }

    /// <inheritdoc/>
    public string GetValue(Summary summary, BenchmarkCase benchmarkCase, SummaryStyle style) => GetValue(summary, benchmarkCase);

    private double Value(BenchmarkCase benchmark) => CaseFigures.Read(
        CaseFigures.Name(
            benchmark.Descriptor.Type.Name, benchmark.Descriptor.WorkloadMethod.Name,
            benchmark.Parameters.Items.OrderBy(item => item.Name, StringComparer.Ordinal).Select(item => item.Value)),
        figure);
}
