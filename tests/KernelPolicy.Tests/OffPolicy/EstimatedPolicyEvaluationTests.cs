using KernelPolicy.Policy;
using KernelPolicy.Tests.Support;
using NUnit.Framework;

namespace KernelPolicy.Tests.OffPolicy;

/// <summary>A whole evaluation with the estimated normaliser agrees with that with the exact one.</summary>
public sealed class EstimatedPolicyEvaluationTests
{
    /// <summary>
    /// The values differ by the noise of Ẑ alone. It is independent from row to row: the difference has the variance
    /// (1/N²) Σ (w r e)², and the bias (1/N) Σ w r e² that the report names.
    /// </summary>
    [Test]
    public void Values_differ_by_the_noise_of_the_normaliser()
    {
        const int rows = 1200, items = 900;
        using var policy = new SoftmaxCase(items, rows, sharpness: 0.25);
        Random random = new(9);
        int[] actions = [.. Enumerable.Range(0, rows).Select(_ => random.Next(items))];
        double[] propensities = [.. Enumerable.Repeat(1.0 / items, rows)];
        double[] rewards = [.. actions.Select(_ => random.NextDouble() < 0.3 ? 1.0 : 0)];
        var log = new LoggedFeedback(actions, propensities, rewards, items);
        var options = new OffPolicyOptions { BootstrapReplicates = 0, Model = new RewardFunction(rows, (_, a) => 0.3f + (0.1f * (a % 2))) };
        using ExactProbabilities exact = policy.Exact();
        using EstimatedProbabilities estimated = policy.Estimated(topK: 32, draws: 200);
        OffPolicyReport truth = OffPolicyEvaluator.Evaluate(log, exact, policy.Team, options);
        OffPolicyReport report = OffPolicyEvaluator.Evaluate(log, estimated, policy.Team, options);

        var batch = new ProbabilityBatch(estimated.BatchSize);
        double squares = 0, meanSquares = 0;
        for (int first = 0; first < rows; first += estimated.BatchSize)
        {
            int n = Math.Min(estimated.BatchSize, rows - first);
            estimated.Fill([.. Enumerable.Range(first, n)], actions.AsSpan(first, n), options.Model, batch, policy.Team);
            for (int i = 0; i < n; i++)
            {
                meanSquares += batch.MeanErrors[i] * batch.MeanErrors[i];
                squares += Math.Pow(Math.Exp(batch.LogProbabilities[i]) * items * rewards[first + i] * batch.LogErrors[i], 2);
            }
        }

        double error = Math.Sqrt(squares) / rows, bias = report.Weights.NormaliserBias;
        double difference = report[OffPolicyEstimator.Ips].Value - truth[OffPolicyEstimator.Ips].Value;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(error, Is.GreaterThan(0));
            // The bias is named to first order in e², which is below 1/10 here: another 1/10 of it, and single precision.
            Statistic.AssertMean(difference, error, bias, (0.1 * bias) + 1e-5, "IPS by Ẑ less IPS by Z");
            Assert.That(report.Weights.LogProbabilityError, Is.InRange(0.001, 0.3));
            // E_π[r_M] is a ratio: biased by e² times the model's range at most, to first order.
            Statistic.AssertMean(
                report[OffPolicyEstimator.DirectMethod].Value - truth[OffPolicyEstimator.DirectMethod].Value,
                Math.Sqrt(meanSquares) / rows, 0, (0.1 * Math.Pow(report.Weights.LogProbabilityError, 2)) + 1e-5, "DM by Ẑ less DM by Z");
        }
    }
}
