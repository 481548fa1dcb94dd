using KernelPolicy.Kernels;
using KernelPolicy.Policy;
using KernelPolicy.Tests.Estimators;
using KernelPolicy.Tests.Reference;
using KernelPolicy.Tests.Support;
using NUnit.Framework;

namespace KernelPolicy.Tests.Objectives;

/// <summary>The gradient of each objective: its closed form against differences of the value, and the exact estimator against
/// the closed form.</summary>
public sealed class ObjectiveGradientTests
{
    private const int B = 5;

    private static IEnumerable<TestCaseData> Cases =>
        from kind in Enum.GetValues<ObjectiveKind>()
        from pull in Enum.GetValues<PullTo>()
        from reward in Enum.GetValues<RewardKind>()
        where kind == ObjectiveKind.ExpectedReward || reward == RewardKind.Sparse
        select new TestCaseData(kind, pull, reward);

    /// <summary>
    /// Differences at δ and δ/2, extrapolated: off by δ⁴/480 times a fifth derivative, |x β|⁵ ≈ (3·1.5·√7)⁵ ≈ 2e5 times |r| and λ|f|
    /// of about 3 at most, which at δ = 1e-3 is 2e-9, and by rounding, 2^-52·100/δ ≈ 3e-11.
    /// </summary>
    [TestCaseSource(nameof(Cases))]
    public void The_closed_form_is_the_derivative_of_the_value(ObjectiveKind kind, PullTo pull, RewardKind reward)
    {
        using var problem = EstimatorCase.Normal(61, 7, B, spread: 0.9);
        using ObjectiveCase c = new(problem, kind, pull);
        (double[,] x, double[,] theta) = (Seeded.Wide(problem.Projected), Start());
        double[][] rewards = [.. Enumerable.Range(0, B).Select(b => problem.RewardsOf(reward, b))];
        double[,] closed = Linear.BatchGradient(x, [.. Enumerable.Range(0, B).Select(b => c.Wide.G(
            Linear.Project(Linear.Row(x, b), theta), c.Wide.Reference(Linear.Row(x, b)), rewards[b], problem.Beta))]);
        double[] numeric = new double[closed.Length];
        for (int i = 0; i < numeric.Length; i++)
        {
            double Difference(double delta)
            {
                double At(double step)
                {
                    double[,] moved = (double[,])theta.Clone();
                    moved[i / 7, i % 7] += step;
                    return c.Wide.Value(x, moved, problem.Beta, rewards);
                }

                return (At(delta) - At(-delta)) / (2 * delta);
            }

            numeric[i] = ((4 * Difference(5e-4)) - Difference(1e-3)) / 3;
        }

        Close.Values(numeric, Linear.Flat(closed), 1e-8, 0, "gradient of Θ");
    }

    /// <summary>
    /// Bounds: h and h_ref are off by γ_L |x||Θ|, h_ref by u |h_ref| more where b_ref is added, hence scores, hence weights by the share ρ
    /// of <see cref="ErrorBound"/>. The pull λδ is off by λ times the error of a score of h − h_ref, and its sum with r by γ_4 of both;
    /// that enters g twice, by itself and by its mean, times Σ π|β|. The log-likelihood adds γ_{n+4} Σ|r β| and |Σ r|(ρ + γ_{n+4}) Σ π|β|.
    /// </summary>
    [TestCaseSource(nameof(Cases))]
    public void A_step_has_the_closed_form(ObjectiveKind kind, PullTo pull, RewardKind reward)
    {
        using var problem = EstimatorCase.Normal(203, 7, B, spread: 0.9, threads: 2);
        using ObjectiveCase c = new(problem, kind, pull);
        double[,] x = Seeded.Wide(problem.Projected), start = Start();
        using Matrix theta = Seeded.Narrow(start);
        IRewardSource source = problem.Rewards(reward);
        using IGradientEstimator estimator = c.Estimator(new ExactOptions(), source);
        using TrainingStep step = new(
            new TrainingProblem(problem.Items, new DenseContexts(problem.Projected), source), estimator, theta, B, new AdamOptions(), problem.Team);
        Matrix gradient = step.Gradient([.. Enumerable.Range(0, B)], 0);
        double[][] g = new double[B][];
        double[,] bound = new double[7, 7];
        double value = 0, valueBound = 0;
        for (int b = 0; b < B; b++)
        {
            double[] row = Linear.Row(x, b), r = problem.RewardsOf(reward, b);
            double[] h = Linear.Project(row, start), reference = c.Wide.Reference(row);
            g[b] = c.Wide.G(h, reference, r, problem.Beta);
            (double[] error, double rho) = Bound(c, row, h, reference, r);
            double[] pi = Softmax.Weights(Linear.Scores(h, problem.Beta));
            value += Linear.Dot(pi, r) / B;
            double size = c.Wide.Pull(h, reference, problem.Beta).Max(Math.Abs) + r.Max(Math.Abs);
            valueBound += ((4 * rho) + Close.Gamma(40)) * size / B;
            for (int i = 0; i < 7; i++)
            {
                for (int j = 0; j < 7; j++)
                    bound[i, j] += Math.Abs(row[i]) / B * ((error[j] * (1 + 1e-5)) + (Close.Gamma(B + 4) * Math.Abs(g[b][j])));
            }
        }

        Close.Within(
            Linear.Flat(Seeded.Wide(gradient)), Linear.Flat(Linear.BatchGradient(x, g)), Linear.Flat(bound), "gradient of Θ");
        Assert.That(step.Statistics.MeanReward, Is.EqualTo(value).Within(valueBound), "E_π[r] without the pull");
    }

    private static (double[] Bound, double Rho) Bound(ObjectiveCase c, double[] x, double[] h, double[] reference, double[] r)
    {
        EstimatorCase problem = c.Problem;
        double[] own = ProjectionError(x, Start());
        double[] other = c.Wide.Theta is { } theta ? ProjectionError(x, theta) : new double[7];
        if (c.Wide.Bias is not null)
            other = [.. other.Zip(reference, (error, sum) => error + (Close.SingleUnit * Math.Abs(sum)))];
        double[] f = Linear.Scores(h, problem.Beta), pi = Softmax.Weights(f);
        double rho = ErrorBound.Relative(ErrorBound.Score(h, problem.Beta, own), pi.Length, f.Max(Math.Abs));
        double[] drift = [.. h.Zip(reference, (a, b) => a - b)];
        double[] pull = c.Wide.Pull(h, reference, problem.Beta);
        double pullError = (c.Objective.KlWeight * ErrorBound.Score(
            drift, problem.Beta, [.. own.Zip(other, (a, b) => a + b).Zip(drift, (e, d) => e + (Close.SingleUnit * Math.Abs(d)))]))
            + (Close.Gamma(4) * (pull.Max(Math.Abs) + r.Max(Math.Abs)));
        int[] all = [.. Enumerable.Range(0, pi.Length)];
        bool isLikelihood = c.Wide.Kind == ObjectiveKind.LogLikelihood;
        double[] covered = isLikelihood ? pull : [.. r.Zip(pull, (a, b) => a + b)];
        double[] bound = ErrorBound.Covariance(all, pi, covered, problem.Beta, rho);
        for (int l = 0; l < 7; l++)
        {
            double size = all.Sum(a => pi[a] * Math.Abs(problem.Beta[a, l]));
            bound[l] += 2 * pullError * (1 + rho) * size;
            if (isLikelihood)
            {
                double gamma = Close.Gamma(r.Count(v => v != 0) + 4);
                bound[l] += (gamma * all.Sum(a => Math.Abs(r[a] * problem.Beta[a, l]))) + (r.Sum(Math.Abs) * (rho + gamma) * size);
            }
        }

        return (bound, rho);
    }

    private static double[] ProjectionError(double[] x, double[,] theta)
    {
        double[,] sizes = (double[,])theta.Clone();
        for (int i = 0; i < sizes.Length; i++)
            sizes[i / 7, i % 7] = Math.Abs(sizes[i / 7, i % 7]);
        return [.. Linear.Project([.. x.Select(Math.Abs)], sizes).Select(size => Close.Gamma(8) * size)];
    }

    /// <summary>Θ near the identity, its numbers those of single precision.</summary>
    private static double[,] Start()
    {
        using Matrix noise = Seeded.Matrix(5, 7, 7, 0.2);
        for (int l = 0; l < 7; l++)
            noise.Row(l)[l] += 1;
        return Seeded.Wide(noise);
    }
}
