using KernelPolicy.TrainingComparison.Measuring;

namespace KernelPolicy.TrainingComparison.Reporting;

/// <summary>The steps of one estimator by one library through one index, all rounds together.</summary>
/// <param name="Items">P.</param>
/// <param name="By">Whose.</param>
/// <param name="Estimator">Which.</param>
/// <param name="Index">What finds the top K; empty where nothing does.</param>
/// <param name="Median">Milliseconds.</param>
/// <param name="Percentile10">Milliseconds.</param>
/// <param name="Percentile90">Milliseconds.</param>
/// <param name="LowestRound">Median of the fastest round.</param>
/// <param name="HighestRound">Median of the slowest round.</param>
/// <param name="Steps">Steps timed.</param>
/// <param name="Recall">Of the index; NaN where there is none.</param>
internal sealed record StepRow(
    int Items, string By, string Estimator, string Index, double Median, double Percentile10, double Percentile90, double LowestRound,
    double HighestRound, int Steps, double Recall);

/// <summary>All measurements of a run, and the rows that they come to.</summary>
internal sealed class StepResults
{
    private StepResults(List<Measurement> all)
    {
        All = all;
        Rows =
        [
            .. all.Where(m => m.Measure == MeasureName.StepMs)
                .GroupBy(m => (m.Items, m.By, m.Estimator, m.Index))
                .Select(group => Row(group.Key, [.. group]))
                .OrderBy(r => r.Items).ThenBy(r => r.Estimator, StringComparer.Ordinal)
                .ThenBy(r => r.By, StringComparer.Ordinal).ThenBy(r => r.Median),
        ];
    }

    /// <summary>Every line of every file.</summary>
    public IReadOnlyList<Measurement> All { get; }

    /// <summary>By P, estimator and library, the fastest index first.</summary>
    public IReadOnlyList<StepRow> Rows { get; }

    /// <summary>Catalogues, by P.</summary>
    public IEnumerable<int> Catalogues => Rows.Select(r => r.Items).Distinct();

    /// <summary>Reads results/*.csv of a run.</summary>
    public static StepResults Read(string folder) => new(
    [
        .. Directory.GetFiles(Path.Combine(folder, "results"), "*.csv").Order(StringComparer.Ordinal).SelectMany(StepFile.Read),
    ]);

    /// <summary>The median of the fastest row, whatever index it has; NaN where there is none.</summary>
    /// <param name="items">P.</param>
    /// <param name="by">Whose: pytorch is either of PyTorch's forms.</param>
    /// <param name="estimator">Which.</param>
    public double Fastest(int items, string by, string estimator) => Rows
        .Where(r => r.Items == items && r.By.StartsWith(by, StringComparison.Ordinal) && r.Estimator == estimator)
        .MinBy(r => r.Median)?.Median ?? double.NaN;

    private StepRow Row((int Items, string By, string Estimator, string Index) key, List<Measurement> steps)
    {
        double[] times = [.. steps.Select(s => s.Value).Order()];
        double[] rounds = [.. steps.GroupBy(s => s.Round).Select(g => Quantile([.. g.Select(s => s.Value).Order()], 0.5)).Order()];
        Measurement? recall = All.FirstOrDefault(m =>
            m.Measure == MeasureName.Recall && key.By.StartsWith(m.By, StringComparison.Ordinal)
            && (m.Items, m.Estimator, m.Index) == (key.Items, key.Estimator, key.Index));
        return new StepRow(
            key.Items, key.By, key.Estimator, key.Index, Quantile(times, 0.5), Quantile(times, 0.1), Quantile(times, 0.9), rounds[0],
            rounds[^1], times.Length, recall?.Value ?? double.NaN);
    }

    private static double Quantile(double[] sorted, double share)
    {
        double place = share * (sorted.Length - 1);
        int below = (int)place;
        return below + 1 < sorted.Length ? sorted[below] + ((place - below) * (sorted[below + 1] - sorted[below])) : sorted[below];
    }
}
