using KernelPolicy.Cli.Display;
using KernelPolicy.Cli.Options;
using KernelPolicy.Index;
using KernelPolicy.Kernels;
using KernelPolicy.Policy;

namespace KernelPolicy.Cli.Pipeline;

/// <summary>Off-policy evaluation with its progress.</summary>
internal static class LogEvaluation
{
    /// <summary>The probabilities of a softmax policy, exact or estimated.</summary>
    /// <param name="choice">How they are found.</param>
    /// <param name="query">Θ [L, L], with b where there is one.</param>
    /// <param name="index">The index over β [P, L].</param>
    /// <param name="contexts">The contexts.</param>
    /// <param name="seed">Seed of the draws of an estimate.</param>
    public static IPolicyProbabilities Probabilities(
        ProbabilityChoice choice, QueryMap query, IMipsIndex index, IContextSource contexts, ulong seed) =>
        choice.IsExact(index.Items.Rows)
            ? new ExactProbabilities(query, index.Items, contexts)
            : new EstimatedProbabilities(
                query, index, contexts, new EstimatedProbabilityOptions(choice.TopK, choice.Tail, seed));

    /// <summary>Evaluates.</summary>
    /// <param name="log">The decisions.</param>
    /// <param name="policy">The policy.</param>
    /// <param name="options">How.</param>
    /// <param name="team">Threads to use.</param>
    /// <param name="progress">Told how far it has come.</param>
    /// <param name="cancellation">Stops it.</param>
    public static OffPolicyReport Run(
        LoggedFeedback log, IPolicyProbabilities policy, OffPolicyOptions options, WorkerTeam team, IRunProgress progress,
        CancellationToken cancellation)
    {
        progress.Begin("off-policy evaluation");
        OffPolicyReport report = OffPolicyEvaluator.Evaluate(
            log,
            policy,
            team,
            options,
            new StageProgress<OffPolicyProgress>(at => progress.Advance(
                ((double)at.Rows + at.Replicates) / (log.Count + options.BootstrapReplicates),
                at.Replicates == 0 ? $"{at.Rows:N0} of {log.Count:N0} decisions" : $"{at.Replicates:N0} bootstrap replicates")),
            cancellation);
        double value = report[OffPolicyEstimator.SelfNormalisedIps].Value;
        progress.End($"value {TrainingText.Reward(value)} by self-normalised IPS, effective sample size {report.Weights.EffectiveSampleSize:N0}");
        return report;
    }
}
