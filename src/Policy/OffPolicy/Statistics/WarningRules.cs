using System.Globalization;

namespace KernelPolicy.Policy;

/// <summary>Which warnings a log and its weights deserve.</summary>
internal static class WarningRules
{
    public static IReadOnlyList<EvaluationWarning> Of(
        LoggedFeedback log, WeightDiagnostics weights, WeightClip clip, ValueEstimate ips, bool negativeRewards, WarningBounds bounds)
    {
        var warnings = new List<EvaluationWarning>();
        void Add(bool given, EvaluationWarningKind kind, FormattableString text)
        {
            if (given)
                warnings.Add(new EvaluationWarning(kind, text.ToString(CultureInfo.InvariantCulture)));
        }

        bool any = weights.LargestWeight > 0;
        Add(log.Count < 2, EvaluationWarningKind.TooFewRows, $"The log has {log.Count} row: there are no standard errors.");
        Add(weights.RewardedRows < bounds.LeastRewardedRows, EvaluationWarningKind.FewRewardedRows,
            $"{weights.RewardedRows} rows have a reward, fewer than {bounds.LeastRewardedRows}: intervals are rough.");
        Add(!any, EvaluationWarningKind.NoWeight, $"The policy takes none of the logged actions: the log says nothing of it.");
        Add(weights.MeanWeightZ < -bounds.LargestMeanWeightZ, EvaluationWarningKind.MeanWeightBelowOne,
            $"The mean weight is {weights.MeanWeight:G4} ± {weights.MeanWeightError:G2}, below 1: the policy acts where the log never did, or rare large weights are missing.");
        Add(weights.MeanWeightZ > bounds.LargestMeanWeightZ, EvaluationWarningKind.MeanWeightAboveOne,
            $"The mean weight is {weights.MeanWeight:G4} ± {weights.MeanWeightError:G2}, above 1: the propensities do not fit the log.");
        Add(weights.UnloggedMass > bounds.LargestUnloggedMass, EvaluationWarningKind.UnloggedMass,
            $"The policy puts {weights.UnloggedMass:P1} of its mass on items that no row acted on.");
        Add(any && weights.LargestShare > bounds.LargestWeightShare, EvaluationWarningKind.DominantWeight,
            $"One row carries {weights.LargestShare:P1} of the weights; the largest is {weights.LargestWeight:G4}.");
        Add(weights.EffectiveSampleSize < bounds.LeastEffectiveSampleSize, EvaluationWarningKind.LowEffectiveSampleSize,
            $"The effective sample size is {weights.EffectiveSampleSize:F1} of {log.Count} rows.");
        Add(weights.ClippedShare > bounds.LargestClippedShare, EvaluationWarningKind.ManyClipped,
            $"{clip} lowers {weights.ClippedShare:P1} of the weights; their mean falls from {weights.MeanWeight:G4} to {weights.MeanClippedWeight:G4}.");
        Add(log.Origin == PropensityOrigin.Fitted, EvaluationWarningKind.FittedPropensities,
            $"The propensities are fitted: intervals do not contain their error.");
        Add(Math.Abs(weights.NormaliserBias) > bounds.LargestBiasShare * ips.StandardError, EvaluationWarningKind.NoisyNormaliser,
            $"The noise of Ẑ biases IPS by about {weights.NormaliserBias:G3}, against a standard error of {ips.StandardError:G3}: draw a longer tail.");
        Add(negativeRewards, EvaluationWarningKind.NegativeRewards,
            $"Rewards are negative and no range was given: logarithmic smoothing is left out.");
        return warnings;
    }
}
