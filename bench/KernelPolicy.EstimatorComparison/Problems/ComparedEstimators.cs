using System.Globalization;
using KernelPolicy.Policy;

namespace KernelPolicy.EstimatorComparison.Problems;

/// <summary>Estimators by the names that results have for them.</summary>
internal static class ComparedEstimators
{
    /// <summary>What a name stands for: exact; reinforce; uniform-S; mixture-S-K-ε, ε a number or auto; strata-K-l, or strata-K-l-own
    /// with a tail for each context, strata-K-l-plain without a control variate, strata-K-l-every-n, -warm or
    /// -union with earlier heads reused; budget-K-ERROR. After an @ stands the index, <see cref="ComparedIndexes"/>; without one
    /// it is the exact scan.</summary>
    /// <exception cref="ArgumentException">It stands for nothing.</exception>
    public static EstimatorOptions Parse(string name)
    {
        string[] parts = ComparedIndexes.EstimatorOf(name).Split('-');
        try
        {
            EstimatorOptions options = parts switch
            {
                ["exact"] => new ExactOptions(),
                ["reinforce"] => new ReinforceOptions(),
                ["reinforce", "baseline"] => new ReinforceOptions(Baseline: true),
                ["uniform", var s] => new UniformOptions(Whole(s)),
                ["mixture", var s, var k, "auto"] => new MixtureOptions(Whole(s), Whole(k)) { IsAdaptive = true },
                ["mixture", var s, var k, var epsilon] => new MixtureOptions(Whole(s), Whole(k), Number(epsilon)),
                ["strata", var k, var l] => new StrataOptions(Whole(k), Whole(l)),
                ["strata", var k, var l, "own"] => new StrataOptions(Whole(k), Whole(l), TailSharing.Context),
                ["strata", var k, var l, "plain"] => new StrataOptions(Whole(k), Whole(l), Control: false),
                ["strata", var k, var l, "every", var n] => new StrataOptions(Whole(k), Whole(l)) { Reuse = HeadReuse.Instead, SearchEvery = Whole(n) },
                ["strata", var k, var l, "warm"] => new StrataOptions(Whole(k), Whole(l)) { Reuse = HeadReuse.WarmStart },
                ["strata", var k, var l, "union"] => new StrataOptions(Whole(k), Whole(l)) { Reuse = HeadReuse.Union },
                ["budget", var k, var error] => new StrataOptions(Whole(k), 32, RelativeError: Number(error)),
                _ => throw new FormatException(),
            };
            options.Validate();
            return options;
        }
        catch (FormatException)
        {
            throw new ArgumentException(
                $"There is no estimator '{name}'; such as exact, reinforce, uniform-1000, mixture-1000-256-0.8, strata-64-128, budget-64-0.1.");
        }
    }

    private static int Whole(string text) => int.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture);

    private static double Number(string text) => double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture);
}
