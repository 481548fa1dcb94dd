namespace KernelPolicy.KernelReport.Scaling;

/// <summary>What a step was measured to take.</summary>
/// <param name="Path">simd, or a kind of device.</param>
/// <param name="Estimator">A name.</param>
/// <param name="Growth">How its cost grows with P.</param>
/// <param name="Items">P.</param>
/// <param name="Dimension">L.</param>
/// <param name="Seconds">Seconds a step.</param>
/// <param name="Bytes">Bytes moved a step; null where they were not counted.</param>
internal sealed record StepMeasurement(
    string Path, string Estimator, CostGrowth Growth, double Items, int Dimension, double Seconds, double? Bytes);
