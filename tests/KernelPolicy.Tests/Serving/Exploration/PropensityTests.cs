using KernelPolicy.Kernels;
using KernelPolicy.Policy;
using KernelPolicy.Tests.Reference;
using KernelPolicy.Tests.Support;
using NUnit.Framework;

namespace KernelPolicy.Tests.Serving.Exploration;

/// <summary>Propensities of served items against exact ones, and what their estimates claim.</summary>
public sealed class PropensityTests
{
    private const int P = 900;
    private const int K = 20;
    private const int Requests = 8000;

    // Scores are sums of 7 products below 10 in single precision, and head scores are the same: ln π is off by 2·10·γ_7 ≈ 1e-5.
    private const double Single = 2e-5;

    /// <summary>Exact where the tail is summed whole: with a head, a filter, excluded items, a temperature.</summary>
    [Test]
    public void A_tail_that_is_summed_whole_gives_exact_propensities(
        [Values(0.3, 4)] double spread, [Values(1, K, P)] int k, [Values(0.5, 1)] double temperature, [Values] bool restricted)
    {
        using ExplorationCase problem = Case(spread, restricted);
        var options = new ExplorationOptions { Kind = ExplorationKind.Softmax, Temperature = temperature, TailDraws = P };
        double[] logits = [.. problem.Eligible.Select(a => problem.Scores[a] / temperature)];
        foreach ((ExploredItem[] slate, _) in problem.Run(options, problem.Top(k), 4, 50))
        {
            double[] exact = PlackettLuce.Propensities(logits, [.. slate.Select(at => Array.IndexOf(problem.Eligible, at.Item))]);
            for (int i = 0; i < slate.Length; i++)
            {
                Assert.That(slate[i].LogPropensity, Is.EqualTo(Math.Log(exact[i])).Within(Single / temperature));
                Assert.That(slate[i].Propensity, Is.EqualTo(Math.Exp(slate[i].LogPropensity)));
                Assert.That(slate[i].RelativeStandardError, Is.Zero);
                Assert.That(slate[i].Score, Is.EqualTo(problem.SingleScores[slate[i].Item]));
            }
        }
    }

    /// <summary>π/π̂ = Ẑ/Z has mean 1 at every place, and the squared error that it has on average is the one reported.</summary>
    [Test]
    public void Z_is_unbiased_and_knows_its_error(
        [Values(0.3, 1)] double spread, [Values(16, 200)] int tailDraws, [Values] bool restricted)
    {
        using ExplorationCase problem = Case(spread, restricted);
        foreach ((double Ratio, double Said)[] place in Ratios(problem, tailDraws, places: 3))
        {
            double[] ratios = [.. place.Select(at => at.Ratio)];
            Statistic.AssertMean(ratios.Average(), StandardError(ratios), 1, Single, "Ẑ/Z");

            // Both are unbiased for the same variance, request by request: their difference has mean 0.
            double[] differences = [.. place.Select(at => Math.Pow(at.Ratio - 1, 2) - Math.Pow(at.Said * at.Ratio, 2))];
            Statistic.AssertMean(differences.Average(), StandardError(differences), 0, Single, "squared error less the one reported");
        }
    }

    /// <summary>E[1{A = a}/π̂(a)] = 1: what inverse propensity weighting rests on, with the draw and the estimate of one request.</summary>
    [Test]
    public void Weights_by_inverse_propensity_are_unbiased()
    {
        const int requests = 60_000;
        using ExplorationCase problem = Case(1, true);
        var options = new ExplorationOptions { Kind = ExplorationKind.Softmax, TailDraws = 30 };
        double[] sums = new double[P], squares = new double[P];
        foreach ((ExploredItem[] slate, _) in problem.Run(options, problem.Top(K), 1, requests))
        {
            sums[slate[0].Item] += 1 / slate[0].Propensity;
            squares[slate[0].Item] += 1 / (slate[0].Propensity * slate[0].Propensity);
        }

        double[] policy = problem.Policy();
        foreach (int item in problem.Eligible.OrderByDescending(a => policy[a]).Take(60))
        {
            double mean = sums[item] / requests, error = Math.Sqrt(((squares[item] / requests) - (mean * mean)) / requests);
            Statistic.AssertMean(mean, error, 1, Single, $"weight of item {item}");
        }
    }

    [Test]
    public void Intervals_of_95_percent_cover_so_often([Values(0.3, 0.7)] double spread)
    {
        using ExplorationCase problem = Case(spread, false);
        foreach ((double Ratio, double Said)[] place in Ratios(problem, tailDraws: 256, places: 2))
        {
            double covered = place.Average(at => Math.Abs(Math.Log(at.Ratio)) <= (1.96 * at.Said) + Single ? 1.0 : 0);

            // A mean of 256 skewed terms covers less than a normal one, by less than a hundredth at these spreads.
            Assert.That(covered, Is.EqualTo(0.95).Within((Statistic.Z * Math.Sqrt(0.95 * 0.05 / Requests)) + 0.01));
        }
    }

    /// <summary>Behind an item that holds all but e^{−800} of the policy the next is as likely as ever. Logarithms are differences of
    /// numbers in [64, 128), of which at most three are rounded, by 2⁻⁴⁷ each.</summary>
    [Test]
    public void Nothing_cancels_behind_a_certain_item()
    {
        double[] logs = new double[3], errors = new double[3];
        SlatePropensity.Fill([900, 100, 99], 99, 0.1, logs, errors);
        double rounding = 3 * Math.Pow(2, -47);
        double second = 1 + (2 * Math.Exp(-1));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(logs[0], Is.Zero);
            Assert.That(logs[1], Is.EqualTo(-Math.Log(second)).Within(rounding));
            Assert.That(logs[2], Is.EqualTo(-Math.Log(2)).Within(rounding));
            Assert.That(errors[0], Is.Zero);
            Assert.That(errors[1], Is.EqualTo(0.1 * Math.Exp(-1) / second).Within(1e-15));
            Assert.That(errors[2], Is.EqualTo(0.05).Within(1e-15));
        }
    }

    [Test]
    public void Without_a_rest_the_last_is_certain()
    {
        double[] logs = new double[1], errors = new double[1];
        SlatePropensity.Fill([-7], double.NegativeInfinity, 0, logs, errors);
        Assert.That((logs[0], errors[0]), Is.EqualTo((0.0, 0.0)));
    }

    private static ExplorationCase Case(double spread, bool restricted) => restricted
        ? new ExplorationCase(P, spread, banned: Enumerable.Range(0, P).Where(a => a % 4 == 1), excluded: [0, 1, 2, 700, 2])
        : new ExplorationCase(P, spread);

    private static (double Ratio, double Said)[][] Ratios(ExplorationCase problem, int tailDraws, int places)
    {
        var options = new ExplorationOptions { Kind = ExplorationKind.Softmax, TailDraws = tailDraws };
        double[] logits = [.. problem.Eligible.Select(a => problem.Scores[a])];
        var place = problem.Eligible.Select((a, i) => (a, i)).ToDictionary(at => at.a, at => at.i);
        var all = new (double Ratio, double Said)[places][];
        for (int i = 0; i < places; i++)
            all[i] = new (double Ratio, double Said)[Requests];
        int request = 0;
        foreach ((ExploredItem[] slate, _) in problem.Run(options, problem.Top(K), places, Requests))
        {
            double[] exact = PlackettLuce.Propensities(logits, [.. slate.Select(at => place[at.Item])]);
            for (int i = 0; i < places; i++)
                all[i][request] = (Math.Exp(Math.Log(exact[i]) - slate[i].LogPropensity), slate[i].RelativeStandardError);
            request++;
        }

        return all;
    }

    private static double StandardError(double[] values)
    {
        double mean = values.Average();
        return Math.Sqrt(values.Sum(v => (v - mean) * (v - mean)) / (values.Length - 1) / values.Length);
    }
}
