namespace KernelPolicy.Policy;

/// <summary>Where off-policy evaluation begins to warn. Rules of thumb, not theorems.</summary>
/// <param name="LeastEffectiveSampleSize">Smallest (Σw)²/Σw² without a warning.</param>
/// <param name="LargestWeightShare">Largest max w / Σw without a warning.</param>
/// <param name="LargestClippedShare">Largest share of clipped rows without a warning.</param>
/// <param name="LargestUnloggedMass">Largest mean π-mass of items that the log never acted on without a warning.</param>
/// <param name="LeastRewardedRows">Fewest rows of non-zero reward without a warning: with fewer, the sum of rewards is far
/// from normal.</param>
/// <param name="LargestMeanWeightZ">Largest |mean w − 1| in standard errors without a warning; 3.29 is passed once in a
/// thousand by chance.</param>
/// <param name="LargestBiasShare">Largest bias through Ẑ, in standard errors of IPS, without a warning.</param>
public sealed record WarningBounds(
    double LeastEffectiveSampleSize = 100,
    double LargestWeightShare = 0.05,
    double LargestClippedShare = 0.1,
    double LargestUnloggedMass = 0.05,
    int LeastRewardedRows = 20,
    double LargestMeanWeightZ = 3.29,
    double LargestBiasShare = 0.25);
