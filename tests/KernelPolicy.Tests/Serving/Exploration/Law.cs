using KernelPolicy.Tests.Support;

namespace KernelPolicy.Tests.Serving.Exploration;

/// <summary>χ² tests of counts against probabilities, with rare outcomes put together.</summary>
internal static class Law
{
    private const double LeastExpected = 20;

    /// <summary>Fails where counts disagree with probabilities: a correct sampler fails once in 150,000 (<see cref="Statistic.Z"/>),
    /// and an outcome without mass must not occur.</summary>
    public static void AssertCounts(IReadOnlyList<int> counts, IReadOnlyList<double> probabilities, string what)
    {
        double draws = counts.Sum();
        List<int> observed = [];
        List<double> expected = [];
        int pooled = 0;
        double pool = 0;
        for (int i = 0; i < counts.Count; i++)
        {
            NUnit.Framework.Assert.That(probabilities[i] > 0 || counts[i] == 0, $"{what}: outcome {i} has no mass.");
            pooled += counts[i];
            pool += probabilities[i] * draws;
            if (pool < LeastExpected)
                continue;
            observed.Add(pooled);
            expected.Add(pool);
            (pooled, pool) = (0, 0);
        }

        observed[^1] += pooled;
        expected[^1] += pool;
        if (observed.Count > 1)
            Statistic.AssertChiSquare(observed.ToArray(), expected.ToArray(), what);
    }
}
