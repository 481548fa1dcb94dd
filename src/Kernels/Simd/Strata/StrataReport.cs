namespace KernelPolicy.Kernels;

/// <summary>What the strata of one context say of themselves.</summary>
/// <param name="Reward">r̄, the estimate of E_π[r].</param>
/// <param name="LogPartition">ln Ẑ.</param>
/// <param name="PartitionError">Standard error of Ẑ, as a share of Ẑ; 0 where the tail is summed whole, +∞ where its draws are too
/// few to tell.</param>
/// <param name="GradientSquare">‖ĝ‖².</param>
/// <param name="GradientVariance">Estimate of E‖ĝ − E ĝ‖², from the same draws; 0 or +∞ likewise.</param>
/// <param name="HeadItems">|H|.</param>
/// <param name="TailDraws">l', draws that fell outside the head.</param>
/// <param name="TailSampleSize">(Σ e^f)²/Σ e^{2f} over the tail's draws; NaN where there are none.</param>
/// <param name="LargestDraw">The largest share of Ẑ that one draw stands for.</param>
/// <param name="Missed">Draws that score above the least of the retrieved items: misses of the index.</param>
/// <param name="MissedShare">The share of Ẑ that these stand for.</param>
public readonly record struct StrataReport(
    double Reward, double LogPartition, double PartitionError, double GradientSquare, double GradientVariance, int HeadItems, int TailDraws,
    double TailSampleSize, double LargestDraw, int Missed, double MissedShare);
