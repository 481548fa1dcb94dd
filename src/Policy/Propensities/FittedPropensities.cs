using KernelPolicy.Kernels;

namespace KernelPolicy.Policy;

/// <summary>A log with fitted propensities, and the model that they are of.</summary>
/// <param name="Log">The log, its origin <see cref="PropensityOrigin.Fitted"/>.</param>
/// <param name="Theta">Θ [L, L] of the fitted logging policy, all that was learnt folded in; the caller's to dispose.</param>
/// <param name="Floor">The least propensity given.</param>
/// <param name="RowsAtFloor">Rows whose propensity was raised to it.</param>
/// <param name="LogLikelihood">Mean over the rows of ln π₀(a_i|x_i) before any was raised; that of the uniform policy is
/// −ln P.</param>
public sealed record FittedPropensities(LoggedFeedback Log, Matrix Theta, double Floor, int RowsAtFloor, double LogLikelihood) : IDisposable
{
    /// <summary>b, one row [1, L], where the fit let a correction of the query learn one; null for none. The caller's to
    /// dispose.</summary>
    public Matrix? Bias { get; init; }

    /// <summary>How a context becomes a query of the fitted logging policy: Θ and b.</summary>
    public QueryMap Query => new(Theta, Bias);

    /// <inheritdoc/>
    public void Dispose()
    {
        Theta.Dispose();
        Bias?.Dispose();
    }
}
