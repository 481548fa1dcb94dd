using System.Text.Json.Serialization;

namespace KernelPolicy.Policy;

/// <summary>
/// The estimator of g against the exact sum, on n training contexts with R estimates of each. Sums go over the contexts, and all
/// errors are shares of Σ‖g‖²; they are not numbers where that is 0.
/// </summary>
/// <param name="Epoch">The epoch that had just ended; 0 before the first.</param>
/// <param name="Step">Steps done.</param>
/// <param name="Contexts">n.</param>
/// <param name="Repetitions">R.</param>
/// <param name="SquaredError">Mean over repetitions of Σ‖ĝ − g‖²/Σ‖g‖²: bias and variance together.</param>
/// <param name="SquaredBias">Σ‖E ĝ − g‖²/Σ‖g‖²: that of the mean over repetitions, less what the variance of this mean adds. Free
/// of bias itself, and negative now and then where there is little.</param>
/// <param name="SquaredBiasError">Its standard error, by the jackknife over repetitions.</param>
/// <param name="Cosine">Cosine between the mean over repetitions and g, all contexts as one vector.</param>
/// <param name="ClaimedSquaredError">The squared error that strata themselves state, Σ E‖ĝ − Eĝ‖²/Σ‖ĝ‖²; NaN with other
/// methods.</param>
public sealed record GradientAudit(
    int Epoch, long Step, int Contexts, int Repetitions, double SquaredError, double SquaredBias, double SquaredBiasError, double Cosine,
    double ClaimedSquaredError)
{
    /// <summary>√ of <see cref="SquaredError"/>.</summary>
    [JsonIgnore]
    public double RelativeError => Math.Sqrt(SquaredError);

    /// <summary>√ of <see cref="ClaimedSquaredError"/>.</summary>
    [JsonIgnore]
    public double ClaimedError => Math.Sqrt(ClaimedSquaredError);
}
