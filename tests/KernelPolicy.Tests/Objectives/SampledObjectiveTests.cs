using KernelPolicy.Policy;
using KernelPolicy.Tests.Estimators;
using KernelPolicy.Tests.Support;
using NUnit.Framework;

namespace KernelPolicy.Tests.Objectives;

/// <summary>
/// What an objective makes of the draws of each estimator, against the expected reward by the same draws, which other tests
/// compare with their formulas.
/// </summary>
public sealed class SampledObjectiveTests
{
    private const int P = 203;

    private static readonly int[] Contexts = [4, 1, 3];

    /// <summary>
    /// The pull to a reference is the reward −λδ. Both ways have the same weights, which sum to 1, and rewards that differ by e =
    /// λ γ_{L+2} Σ|(h − h_ref) β| + 4u(|r| + λ|δ|): 2e max|β| in g, and rounding of two sums of n terms.
    /// </summary>
    [Test]
    public void A_pull_is_a_reward(
        [ValueSource(typeof(EstimatorKinds), nameof(EstimatorKinds.All))] EstimatorOptions options, [Values] RewardKind reward,
        [Values(PullTo.Uniform, PullTo.Reference)] PullTo to)
    {
        using var problem = EstimatorCase.Normal(P, 7, 5);
        using ObjectiveCase c = new(problem, ObjectiveKind.ExpectedReward, to);
        double[][] pulls = [.. Enumerable.Range(0, 5).Select(i => c.Wide.Pull(problem.Queries[i], c.ReferenceOf(i), problem.Beta))];
        double[][] rewards = [.. Enumerable.Range(0, 5).Select(i => problem.RewardsOf(reward, i))];
        using IGradientEstimator pulled = c.Estimator(options, problem.Rewards(reward));
        KnownRewards known = new(problem.Rewards(reward), (context, item) => (float)(rewards[context][item] + pulls[context][item]));
        using IGradientEstimator plain = problem.Estimator(options, known);
        using IGradientEstimator unpulled = problem.Estimator(options, problem.Rewards(reward));
        float[][] actual = c.Estimate(pulled, Contexts, 2), expected = problem.Estimate(plain, Contexts, 2);
        problem.Estimate(unpulled, Contexts, 2);
        for (int position = 0; position < Contexts.Length; position++)
        {
            int context = Contexts[position];
            double[] drift = [.. problem.Queries[context].Zip(c.ReferenceOf(context), (h, other) => h - other)];
            double size = pulls[context].Max(Math.Abs) + rewards[context].Max(Math.Abs);
            double e = (c.Objective.KlWeight * ErrorBound.Score(drift, problem.Beta, [.. drift.Select(d => Close.SingleUnit * Math.Abs(d))]))
                + (4 * Close.SingleUnit * size);
            double[] allowed = [.. Enumerable.Range(0, 7).Select(
                l => ((2 * e) + (4 * Close.Gamma(P + 16) * size)) * Enumerable.Range(0, P).Max(a => Math.Abs(problem.Beta[a, l])))];
            Close.Within(actual[position], Seeded.Wide(expected[position]), allowed, $"g of context {context}");
        }

        // Strata take away other lines where they are pulled, and with a budget draw more or less: sampling parts the two.
        if (options is StrataOptions)
            return;
        double reported = Contexts.Max(i => pulls[i].Max(Math.Abs) + rewards[i].Max(Math.Abs));
        Assert.That(
            pulled.Statistics.MeanReward,
            Is.EqualTo(unpulled.Statistics.MeanReward).Within(4 * Close.Gamma(P + 16) * reported), "E_π[r] without the pull");
    }

    /// <summary>
    /// g = V (β_a − Ê), V the reward of the one rewarded item and Ê the estimate of E_π β, which is the estimated mean of the
    /// reward β_l. Each of the two is a sum of n terms: γ_{n+16} |V| max|β| apiece, and as much for what is made of them.
    /// </summary>
    [Test]
    public void The_log_likelihood_needs_the_mean_item_alone(
        [ValueSource(typeof(EstimatorKinds), nameof(EstimatorKinds.All))] EstimatorOptions options)
    {
        // REINFORCE is refused, and strata have a control for each sum: see StrataObjectiveTests.
        if (options is ReinforceOptions or StrataOptions)
            return;
        using var problem = EstimatorCase.Normal(P, 7, 5);
        using ObjectiveCase c = new(problem, ObjectiveKind.LogLikelihood, PullTo.Nothing);
        LoggedReward reward = new(
            new LoggedFeedback([3, 77, 202, 0, 150], [0.5, 0.01, 0.2, 1, 0.05], [1, 2, 0, -1, 0.5], P), PropensityWeighting.Inverse);
        double[] weighed = [2, 200, 0, -1, 10];
        using IGradientEstimator estimator = c.Estimator(options, reward);
        foreach (int context in Enumerable.Range(0, 5))
        {
            float[] g = c.Estimate(estimator, [context], 2)[0];
            double[] expected = new double[7], allowed = new double[7];
            for (int l = 0; l < 7; l++)
            {
                int dimension = l;
                using IGradientEstimator items = problem.Estimator(
                    options, new RewardFunction(5, (_, item) => problem.Items.Row(item)[dimension]));
                problem.Estimate(items, [context], 2);
                double own = problem.Beta[reward.RewardedItems(context)[0], l];
                expected[l] = weighed[context] * (own - items.Statistics.MeanReward);
                allowed[l] = 4 * Close.Gamma(P + 16) * Math.Abs(weighed[context]) * Enumerable.Range(0, P).Max(a => Math.Abs(problem.Beta[a, l]));
            }

            Close.Within(g, expected, allowed, $"g of context {context}");
        }
    }

    [Test]
    public void The_same_at_any_number_of_threads_and_in_any_company(
        [ValueSource(typeof(EstimatorKinds), nameof(EstimatorKinds.WithoutBudget))] EstimatorOptions options, [Values] ObjectiveKind kind,
        [Values(PullTo.Nothing, PullTo.Reference)] PullTo to)
    {
        if (options is ReinforceOptions && kind == ObjectiveKind.LogLikelihood)
            return;
        float[][] Run(int threads, int[] contexts)
        {
            using var problem = EstimatorCase.Normal(3400, 9, 21, threads: threads);
            using ObjectiveCase c = new(problem, kind, to);
            using IGradientEstimator estimator = c.Estimator(options, problem.Rewards(RewardKind.Sparse));
            return c.Estimate(estimator, contexts, 4);
        }

        int[] all = [.. Enumerable.Range(0, 21)];
        float[][] one = Run(1, all);
        Assert.That(Run(3, all), Is.EqualTo(one));
        Assert.That(Run(2, [20, 5]), Is.EqualTo(new[] { one[20], one[5] }));
    }

    /// <summary>A dense reward of which the same items are known as of another: strata sum these exactly.</summary>
    private sealed class KnownRewards(IRewardSource known, Func<int, int, float> reward) : IRewardSource
    {
        private readonly RewardFunction _function = new(known.Count, reward);

        public int Count => known.Count;

        public bool IsSparse => false;

        public ReadOnlySpan<int> RewardedItems(int context) => known.RewardedItems(context);

        public void Fill(int context, ReadOnlySpan<int> items, Span<float> rewards) => _function.Fill(context, items, rewards);
    }
}
