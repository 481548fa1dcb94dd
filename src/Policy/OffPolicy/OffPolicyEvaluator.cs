using KernelPolicy.Kernels;

namespace KernelPolicy.Policy;

/// <summary>
/// The value V(π) = E_x Σ_a π(a|x) r(a, x) of a policy from another policy's log with propensities, by several estimators at
/// once, with intervals and the diagnostics that say whether to believe them.
/// </summary>
public static class OffPolicyEvaluator
{
    /// <summary>Evaluates a policy.</summary>
    /// <param name="log">N rows (a_i, p_i, r_i), at least one, taken to be independent.</param>
    /// <param name="policy">π over the log's contexts: row i is context i.</param>
    /// <param name="team">Threads to use.</param>
    /// <param name="options">Clip, λ, confidence, bootstrap, model; the defaults where null.</param>
    /// <param name="progress">Hears of every batch of rows and of the bootstrap's rounds.</param>
    /// <param name="cancellation">Stops between batches of rows and between tiles of the bootstrap.</param>
    /// <returns>The same for the same log, policy and options, bit for bit, at any number of threads.</returns>
    /// <exception cref="ArgumentException">The log is empty, a part does not fit the log, an option is out of its range, or the
    /// policy or the model gives no number.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    /// <remarks>O(N) memory: no [N, P] array, no [R, N] array of the R bootstrap replicates. Safe for concurrent calls with
    /// policies of their own.</remarks>
    public static OffPolicyReport Evaluate(
        LoggedFeedback log, IPolicyProbabilities policy, WorkerTeam team, OffPolicyOptions? options = null,
        IProgress<OffPolicyProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(log);
        ArgumentNullException.ThrowIfNull(policy);
        ArgumentNullException.ThrowIfNull(team);
        options ??= new OffPolicyOptions();
        if (log.Count == 0)
            throw new ArgumentException("The log has no rows; it must have at least 1.", nameof(log));
        if (policy.Count != log.Count)
            throw new ArgumentException($"The policy has {policy.Count} contexts, the log {log.Count} rows.", nameof(policy));
        if (policy.Catalogue != log.Catalogue)
            throw new ArgumentException($"The policy has {policy.Catalogue} items, the log {log.Catalogue}.", nameof(policy));
        if (options.Model is not null && !policy.GivesMeans)
            throw new ArgumentException($"A policy given as {policy.Description} has no means of a reward model.", nameof(options));
        OffPolicyOptions.Check(options, log);

        LoggedProbabilities gathered = LoggedProbabilities.Gather(
            log, policy, options.Model, team, rows => progress?.Report(new OffPolicyProgress(rows, 0)), cancellation);
        double[] mass = UnloggedItems.Mass(log, policy, options.SupportContexts, team, cancellation);
        WeightClip clip = options.Clip ?? WeightClip.AtWeight(Math.Sqrt(log.Count));
        double lambda = options.Lambda ?? 1 / Math.Sqrt(log.Count);
        RewardRange? range = options.Rewards ?? (HasNegative(log) ? null : new RewardRange(0, double.PositiveInfinity));
        var terms = new RowTerms(
            log, gathered.Probabilities, gathered.ModelMeans, gathered.ModelRewards, clip, lambda, range?.Least);

        OffPolicyEstimator[] estimators = [.. Enum.GetValues<OffPolicyEstimator>().Where(e => terms[e] is not null)];
        BootstrapReplicates? bootstrap = log.Count < 2 || options.BootstrapReplicates == 0
            ? null
            : new BootstrapReplicates(terms, estimators, options.BootstrapReplicates, options.Seed, cancellation);
        bootstrap?.Run(team, done => progress?.Report(new OffPolicyProgress(log.Count, done)));
        ValueEstimate[] estimates = [.. estimators.Select(e => Estimate(e, log, terms, bootstrap, options, clip, lambda, range))];
        WeightDiagnostics weights = WeightSummary.Of(log, gathered, terms, mass);
        ValueEstimate ips = estimates.Single(e => e.Estimator == OffPolicyEstimator.Ips);
        return new OffPolicyReport(
            log.Count, policy.Description, options.Confidence, clip, lambda, estimates, weights,
            WarningRules.Of(log, weights, clip, ips, range is null, options.Warnings));
    }

    private static ValueEstimate Estimate(
        OffPolicyEstimator estimator, LoggedFeedback log, RowTerms terms, BootstrapReplicates? bootstrap, OffPolicyOptions options,
        WeightClip clip, double lambda, RewardRange? range)
    {
        Moments moments = estimator == OffPolicyEstimator.SelfNormalisedIps
            ? Moments.OfRatio(terms[estimator], terms.Weights)
            : Moments.Of(terms[estimator]);
        double outside = 1 - options.Confidence;
        double quantile = options.Interval == IntervalKind.Normal || log.Count < 2
            ? -Quantiles.Normal(outside / 2)
            : Quantiles.StudentTwoSided(outside, log.Count - 1);
        double half = quantile * moments.StandardError;
        ConfidenceInterval? finite = (estimator, range) switch
        {
            (OffPolicyEstimator.LogarithmicSmoothing, { } known) =>
                FiniteSampleBounds.LogarithmicSmoothing(log, terms.Weights, lambda, known, options.Confidence),
            (OffPolicyEstimator.ClippedIps, { } known) =>
                FiniteSampleBounds.EmpiricalBernstein(log, terms.Clipped, clip.Most, known, options.Confidence),
            _ => null,
        };
        return new ValueEstimate(
            estimator, moments.Mean, moments.StandardError, new ConfidenceInterval(moments.Mean - half, moments.Mean + half),
            bootstrap?.Interval(estimator, options.Confidence), finite);
    }

    private static bool HasNegative(LoggedFeedback log)
    {
        foreach (double reward in log.Rewards)
        {
            if (reward < 0)
                return true;
        }

        return false;
    }
}
