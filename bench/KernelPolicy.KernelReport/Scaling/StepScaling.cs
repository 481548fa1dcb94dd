namespace KernelPolicy.KernelReport.Scaling;

/// <summary>What one machine can do at most, as measured on it.</summary>
/// <param name="ReadRate">Bytes a second out of memory.</param>
/// <param name="MemoryBytes">Bytes of memory.</param>
internal sealed record MachinePeaks(double ReadRate, double MemoryBytes);

/// <summary>A step of one estimator on one path, at catalogues that were not measured.</summary>
/// <param name="Path">simd, or a kind of device.</param>
/// <param name="Estimator">By its name in the measurements.</param>
/// <param name="Seconds">Seconds of a step.</param>
/// <param name="Bytes">Bytes that it moves; null where they were not counted.</param>
/// <param name="LargestMeasured">The largest P that was measured: what lies beyond is an expectation.</param>
internal sealed record StepScaling(string Path, string Estimator, FittedCost Seconds, FittedCost? Bytes, double LargestMeasured)
{
    /// <summary>
    /// Seconds of a step at P items: t(P) = max(a + b·g(P), bytes(P) / read rate). The fit holds what was measured; the bound takes its
    /// place where the bytes, which grow out of the cache, would need a faster memory than there is.
    /// </summary>
    public double StepSeconds(double items, MachinePeaks peaks) => Math.Max(Seconds.At(items), (Bytes?.At(items) ?? 0) / peaks.ReadRate);

    /// <summary>Seconds of an epoch: ⌈N/B⌉ steps.</summary>
    public double EpochSeconds(double items, double contexts, double batchSize, MachinePeaks peaks) =>
        Math.Ceiling(contexts / batchSize) * StepSeconds(items, peaks);

    /// <summary>Fits measurements of one dimension, path and estimator.</summary>
    public static StepScaling Of(IReadOnlyList<StepMeasurement> measured)
    {
        StepMeasurement first = measured[0];
        (double, double)[] bytes = [.. measured.Where(m => m.Bytes is not null).Select(m => (m.Items, m.Bytes!.Value))];
        return new StepScaling(
            first.Path, first.Estimator, FittedCost.Of([.. measured.Select(m => (m.Items, m.Seconds))], first.Growth),
            bytes.Length == 0 ? null : FittedCost.Of(bytes, first.Growth), measured.Max(m => m.Items));
    }
}
