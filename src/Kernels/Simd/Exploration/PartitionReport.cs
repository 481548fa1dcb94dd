namespace KernelPolicy.Kernels;

/// <summary>Ẑ of one request, less the items served.</summary>
/// <param name="LogRest">ln of the estimated Σ e^φ over everything that may be shown and was not served; −∞ where there is nothing.</param>
/// <param name="RelativeError">Standard error of that sum as a share of it: 0 where it is exact, +∞ where draws are too few to
/// tell.</param>
/// <param name="TailItems">Items outside head and slate.</param>
/// <param name="TailDraws">How many of them were scored.</param>
/// <param name="Missed">Draws that score above the bound.</param>
/// <param name="MissedShare">The share of the sum that these stand for: an estimate, unbiased but for the division, of what items
/// above the bound hold.</param>
public readonly record struct PartitionReport(
    double LogRest, double RelativeError, int TailItems, int TailDraws, int Missed, double MissedShare);
