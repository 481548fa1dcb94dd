using KernelPolicy.Kernels;
using KernelPolicy.Policy;
using KernelPolicy.Tests.Golden;
using KernelPolicy.Tests.Reference;
using KernelPolicy.Tests.Support;
using NUnit.Framework;

namespace KernelPolicy.Tests.Estimators;

/// <summary>The exact estimator against the sum in double precision; bounds are those of <see cref="ErrorBound"/>.</summary>
[TestFixture(512)]
[TestFixture(256)]
[TestFixture(128)]
public sealed class ExactEstimatorTests(int width) : VectorWidthFixture(width)
{
    [Test]
    public void G_is_the_covariance_under_the_policy(
        [Values] RewardKind reward, [Values(7, 33)] int dimension, [Values(1, 3, 16, 35)] int batch)
    {
        using var problem = EstimatorCase.Normal(dimension == 7 ? 203 : 389, dimension, 35);
        AssertExact(problem, reward, [.. Enumerable.Range(0, batch).Select(i => (i * 11) % 35)]);
    }

    [Test]
    public void Catalogues_of_every_remainder([Values] RewardKind reward, [Values(1, 2, 3, 95, 96, 97, 191, 193)] int items)
    {
        using var problem = EstimatorCase.Normal(items, 5, 3);
        AssertExact(problem, reward, [2, 0, 1]);
    }

    /// <summary>More than one of the ranges of 1536 items whose partial sums are joined.</summary>
    [Test]
    public void A_catalogue_of_several_ranges([Values] RewardKind reward)
    {
        using var problem = EstimatorCase.Normal(3400, 7, 4, threads: 2);
        AssertExact(problem, reward, [3, 1, 0]);
    }

    /// <summary>Scores are exact, so that the bound stays at rounding although they run to ±1e3.</summary>
    [Test]
    public void Scores_of_a_thousand([Values] RewardKind reward)
    {
        using var problem = EstimatorCase.Representable(300, 7, 20, largest: 2200);
        double[] all = [.. problem.Scores.SelectMany(f => f)];
        Assert.That((all.Min(), all.Max()), Is.EqualTo((-1000.0, 1000.0)).Using<(double, double)>(
            (actual, least) => actual.Item1 < least.Item1 && actual.Item2 > least.Item2));
        AssertExact(problem, reward, [.. Enumerable.Range(0, 20)], scoresAreExact: true);
    }

    [Test]
    public void Statistics_are_the_means_of_the_contexts([Values] RewardKind reward)
    {
        using var problem = EstimatorCase.Normal(203, 7, 5);
        using IGradientEstimator estimator = problem.Estimator(new ExactOptions(), problem.Rewards(reward));
        int[] contexts = [4, 1, 3];
        problem.Estimate(estimator, contexts, step: 0);
        double expected = contexts.Average(
            c => Linear.Dot(Softmax.Weights(problem.Scores[c]), problem.RewardsOf(reward, c)));
        double size = contexts.Average(
            c => Linear.Dot(Softmax.Weights(problem.Scores[c]), [.. problem.RewardsOf(reward, c).Select(Math.Abs)]));
        double rho = contexts.Max(c => Rho(problem, c, scoresAreExact: false));
        using (Assert.EnterMultipleScope())
        {
            // r̄ = Σ π r is off by a share ρ of Σ π |r|.
            Assert.That(estimator.Statistics.MeanReward, Is.EqualTo(expected).Within(rho * size));
            Assert.That(estimator.Statistics.EffectiveSampleSize, Is.NaN);
            Assert.That(estimator.Statistics.LargestWeight, Is.NaN);
        }
    }

    [TestCase("small")]
    [TestCase("ragged")]
    public void The_gradient_of_theta_is_the_golden_one(string name)
    {
        GoldenCase golden = GoldenCase.Load(name);
        int[][] sessions = [.. golden.RewardedItems.Select(items => items.Order().ToArray())];
        AssertThetaGradient(
            golden.Beta, golden.Contexts, golden.Theta, golden.Rewards,
            new SessionReward(SparseRows.FromLists(sessions)), golden.Table("exact", "gradient"), unknown: 0);
    }

    /// <summary>The derivative of the objective itself, which no formula of the gradient enters.</summary>
    [Test]
    public void The_gradient_of_theta_agrees_with_finite_differences([Values] RewardKind reward)
    {
        using var problem = EstimatorCase.Normal(203, 7, 6, spread: 0.9);
        // Θ near the identity, contexts in the place of h.
        double[,] theta = Seeded.Wide(Seeded.Matrix(5, 7, 7, 0.2));
        for (int l = 0; l < 7; l++)
            theta[l, l] += 1;
        double[][] rewards = [.. Enumerable.Range(0, 6).Select(c => problem.RewardsOf(reward, c))];
        double[,] contexts = Seeded.Wide(problem.Projected);
        double[,] numeric = Objective.FiniteDifferences(contexts, theta, problem.Beta, rewards);
        // δ = 1e-5: the formula is off by δ²/6 times a third derivative, |x β|³ max|r| ≈ (3·1.5)³·2 ≈ 200 here, that is
        // 3e-9; rounding by 2^-52·2/δ ≈ 4e-11.
        AssertThetaGradient(
            problem.Beta, contexts, theta, rewards, problem.Rewards(reward), numeric, unknown: 4e-9);
    }

    private static double Rho(EstimatorCase problem, int context, bool scoresAreExact)
    {
        double[] f = problem.Scores[context];
        double error = scoresAreExact ? 0 : ErrorBound.Score(problem.Queries[context], problem.Beta, []);
        return ErrorBound.Relative(error, problem.Catalogue, scoresAreExact ? 0 : f.Max(Math.Abs));
    }

    private static void AssertExact(EstimatorCase problem, RewardKind reward, int[] contexts, bool scoresAreExact = false)
    {
        using IGradientEstimator estimator = problem.Estimator(new ExactOptions(), problem.Rewards(reward));
        float[][] g = problem.Estimate(estimator, contexts, step: 3);
        int[] all = [.. Enumerable.Range(0, problem.Catalogue)];
        for (int position = 0; position < contexts.Length; position++)
        {
            int c = contexts[position];
            double[] r = problem.RewardsOf(reward, c);
            double[] bound = ErrorBound.Covariance(
                all, Softmax.Weights(problem.Scores[c]), r, problem.Beta, Rho(problem, c, scoresAreExact));
            Close.Within(g[position], Estimates.Exact(problem.Scores[c], r, problem.Beta), bound, $"g of context {c}");
        }
    }

    /// <summary>TrainingStep.Gradient = (1/B) Xᵀ G, Θ and X being those of single precision. |δh| ≤ γ_L |x||Θ|, which enters
    /// the scores; each product of the outer sum adds γ_{B+2} of its size.</summary>
    private static void AssertThetaGradient(
        double[,] beta, double[,] contexts, double[,] theta, double[][] rewards, IRewardSource source,
        double[,] expected, double unknown)
    {
        using Matrix items = Seeded.Narrow(beta), x = Seeded.Narrow(contexts), parameters = Seeded.Narrow(theta);
        using WorkerTeam team = new(2);
        int batch = contexts.GetLength(0), dimension = beta.GetLength(1);
        TrainingProblem problem = new(items, new DenseContexts(x), source);
        using IGradientEstimator estimator = GradientEstimators.Create(
            new ExactOptions(), new EstimatorSetting(items, source, batch, 1, team));
        using TrainingStep step = new(problem, estimator, parameters, batch, new AdamOptions(), team);
        Matrix gradient = step.Gradient([.. Enumerable.Range(0, batch)], step: 0);

        // The inputs are rounded to single precision on their way in: one unit more of x, Θ and β each.
        double[,] bound = new double[dimension, dimension];
        int[] all = [.. Enumerable.Range(0, beta.GetLength(0))];
        for (int b = 0; b < batch; b++)
        {
            double[] row = Linear.Row(contexts, b), h = Linear.Project(row, theta);
            double[,] sizes = (double[,])theta.Clone();
            for (int i = 0; i < dimension; i++)
            {
                for (int j = 0; j < dimension; j++)
                    sizes[i, j] = Math.Abs(theta[i, j]);
            }

            double[] projectionError = [.. Linear.Project([.. row.Select(Math.Abs)], sizes).Select(
                size => Close.Gamma(dimension + 4) * size)];
            double[] f = Linear.Scores(h, beta);
            double rho = ErrorBound.Relative(
                ErrorBound.Score(h, beta, projectionError), all.Length, f.Max(Math.Abs));
            double[] g = Estimates.Exact(f, rewards[b], beta);
            double[] error = ErrorBound.Covariance(all, Softmax.Weights(f), rewards[b], beta, rho);
            for (int i = 0; i < dimension; i++)
            {
                for (int j = 0; j < dimension; j++)
                {
                    bound[i, j] += Math.Abs(row[i]) / batch
                        * ((error[j] * (1 + 1e-5)) + (Close.Gamma(batch + 4) * Math.Abs(g[j])));
                }
            }
        }

        double[] allowed = [.. Linear.Flat(bound).Select(error => error + unknown)];
        Close.Within(Linear.Flat(Seeded.Wide(gradient)), Linear.Flat(expected), allowed, "gradient of Θ");
    }
}
