using KernelPolicy.Cli.Display;
using KernelPolicy.Data;
using KernelPolicy.Kernels;
using KernelPolicy.Policy;

namespace KernelPolicy.Cli.Pipeline;

/// <summary>The propensities of a log, recorded or fitted.</summary>
/// <param name="Values">p [N].</param>
/// <param name="Origin">Where they come from.</param>
/// <param name="LogLikelihood">Mean of ln π₀(a|x) under the fitted model; NaN where they were recorded.</param>
/// <param name="RowsAtFloor">Rows raised to the least propensity that a fit gives.</param>
internal sealed record LogPropensities(double[] Values, PropensityOrigin Origin, double LogLikelihood, int RowsAtFloor)
{
    /// <summary>The word for where they come from.</summary>
    public string Word => Origin == PropensityOrigin.Fitted ? "fitted" : "logged";

    /// <summary>Takes or fits them. A fit is to all decisions, those of the test as well: rewards have no part in it.</summary>
    /// <param name="log">The log.</param>
    /// <param name="kind">What contexts are.</param>
    /// <param name="items">β [P, L]; null where nothing is to be fitted.</param>
    /// <param name="seed">Seed of the fit.</param>
    /// <param name="team">Threads to use.</param>
    /// <param name="progress">Told how far it has come.</param>
    /// <param name="cancellation">Stops the fit.</param>
    public static LogPropensities Of(
        BanditLog log, string kind, Matrix? items, ulong seed, WorkerTeam team, IRunProgress progress, CancellationToken cancellation)
    {
        if (log.HasPropensities)
            return new LogPropensities(log.Propensities.ToArray(), PropensityOrigin.Logged, double.NaN, 0);
        ArgumentNullException.ThrowIfNull(items);
        progress.Begin("propensities");
        IContextSource contexts = LogContexts.Of(kind, log, items, out Matrix? table);
        using Matrix? beneath = table;
        PropensityModelOptions usual = new();
        using FittedPropensities fitted = PropensityModel.Fit(
            items,
            contexts,
            log.Actions,
            log.Rewards,
            team,
            usual with { Training = usual.Training with { Seed = seed } },
            progress: new StageProgress<TrainingProgress>(at => progress.Advance(
                TrainingText.Share(at), $"epoch {at.Epoch} of {at.Epochs} of the fit")),
            cancellation: cancellation);
        progress.End(
            $"fitted, mean log-likelihood {fitted.LogLikelihood:0.000} against {-Math.Log(log.ItemCount):0.000} of even ones; "
            + $"{fitted.RowsAtFloor:N0} rows raised to {fitted.Floor:G3}");
        return new LogPropensities(
            fitted.Log.Propensities.ToArray(), PropensityOrigin.Fitted, fitted.LogLikelihood, fitted.RowsAtFloor);
    }
}
