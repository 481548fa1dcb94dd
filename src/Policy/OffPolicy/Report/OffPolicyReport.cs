namespace KernelPolicy.Policy;

/// <summary>What a log says of a policy's value.</summary>
/// <param name="Rows">N.</param>
/// <param name="Policy">What gave the probabilities.</param>
/// <param name="Confidence">Confidence of the intervals.</param>
/// <param name="Clip">The rule of the clipped estimators.</param>
/// <param name="Lambda">λ of logarithmic smoothing.</param>
/// <param name="Estimates">One an estimator, in the order of <see cref="OffPolicyEstimator"/>; those that need a model or
/// rewards from 0 up are left out without.</param>
/// <param name="Weights">Diagnostics of the weights.</param>
/// <param name="Warnings">Reasons for distrust; empty where none was found.</param>
public sealed record OffPolicyReport(
    int Rows,
    string Policy,
    double Confidence,
    WeightClip Clip,
    double Lambda,
    IReadOnlyList<ValueEstimate> Estimates,
    WeightDiagnostics Weights,
    IReadOnlyList<EvaluationWarning> Warnings)
{
    /// <summary>The estimate of one estimator; null where it was left out.</summary>
    public ValueEstimate? Find(OffPolicyEstimator estimator) => Estimates.FirstOrDefault(e => e.Estimator == estimator);

    /// <summary>The estimate of one estimator.</summary>
    /// <exception cref="KeyNotFoundException">It was left out.</exception>
    public ValueEstimate this[OffPolicyEstimator estimator] =>
        Find(estimator) ?? throw new KeyNotFoundException($"{estimator} was left out: it needs a model, or rewards from 0 up.");

    /// <summary>Whether a warning was given.</summary>
    public bool Warns(EvaluationWarningKind kind) => Warnings.Any(w => w.Kind == kind);
}
