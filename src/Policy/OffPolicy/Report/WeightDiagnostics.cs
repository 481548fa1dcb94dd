namespace KernelPolicy.Policy;

/// <summary>What the importance weights w_i = π(a_i|x_i)/p_i of a log look like.</summary>
/// <param name="EffectiveSampleSize">(Σw)²/Σw², 0 to N; 0 where all weights are 0.</param>
/// <param name="LargestWeight">max w.</param>
/// <param name="LargestShare">max w / Σw; 0 where all weights are 0.</param>
/// <param name="ClippedShare">Share of rows whose weight the clip lowers.</param>
/// <param name="MeanClippedWeight">Mean of the clipped weights: what lacks to the mean weight is what the clip takes off.</param>
/// <param name="MeanWeight">Mean of w; 1 in expectation where the log's support holds π and the propensities are right.</param>
/// <param name="MeanWeightError">Its standard error; NaN below two rows.</param>
/// <param name="MeanWeightZ">(Mean − 1) over its standard error, 0 where the mean is 1 to within 10⁻⁴; NaN below two
/// rows.</param>
/// <param name="MeanWeightPValue">Two-sided p-value of the mean being 1, by the normal distribution; NaN below two rows.</param>
/// <param name="UnloggedMass">Mean π-mass of items that no row acted on, over the contexts looked at; NaN where it was not
/// measured.</param>
/// <param name="UnloggedMassError">Standard error of that mean over contexts; NaN below two contexts.</param>
/// <param name="LogProbabilityError">Root mean square standard error of ln π(a_i|x_i); 0 where exact.</param>
/// <param name="NormaliserBias">First-order bias that the noise of Ẑ gives IPS: (1/N) Σ w_i r_i e_i², e the standard error of
/// ln π.</param>
/// <param name="RewardedRows">Rows with a reward other than 0.</param>
public sealed record WeightDiagnostics(
    double EffectiveSampleSize,
    double LargestWeight,
    double LargestShare,
    double ClippedShare,
    double MeanClippedWeight,
    double MeanWeight,
    double MeanWeightError,
    double MeanWeightZ,
    double MeanWeightPValue,
    double UnloggedMass,
    double UnloggedMassError,
    double LogProbabilityError,
    double NormaliserBias,
    int RewardedRows);
