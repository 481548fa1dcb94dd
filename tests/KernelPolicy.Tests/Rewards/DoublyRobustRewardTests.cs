using KernelPolicy.Policy;
using KernelPolicy.Tests.Reference;
using KernelPolicy.Tests.Support;
using NUnit.Framework;

namespace KernelPolicy.Tests.Rewards;

/// <summary>Doubly robust rewards against their formula, with a model of the user's own.</summary>
public sealed class DoublyRobustRewardTests
{
    private const int P = 12;

    private static readonly LoggedFeedback Log = new([3, 7, 0], [0.5, 0.01, 1], [1, -2, 0.25], P);

    /// <summary>The correction is rounded once and added to a rounded prediction: three units of the largest.</summary>
    [Test]
    public void Rewards_are_those_of_the_formula([Values(0, 0.1, 1)] double tau)
    {
        GivenModel model = new(3);
        DoublyRobustReward source = new(Log, model, PropensityWeighting.Clipped(tau));
        int[] all = [.. Enumerable.Range(0, P), 3, 7];
        for (int row = 0; row < 3; row++)
        {
            float[] values = new float[all.Length];
            source.Fill(row, all, values);
            double[] expected = LoggedRewards.ClippedDoublyRobust(
                [.. Enumerable.Range(0, P).Select(a => (double)GivenModel.Value(row, a))], Log.Actions[row], Log.Propensities[row],
                Log.Rewards[row], tau);
            Close.Values(values, [.. all.Select(a => expected[a])], 3 * Close.SingleUnit * expected.Max(Math.Abs), 0, $"row {row}");
            Assert.That(source.RewardedItems(row).ToArray(), Is.EqualTo(new[] { Log.Actions[row] }));
        }

        Assert.That((source.IsSparse, source.Count), Is.EqualTo((false, 3)));
    }

    [Test]
    public void Each_weighting_by_a_factor_weighs_the_residual()
    {
        GivenModel model = new(3);
        foreach ((PropensityWeighting weighting, Func<double, double> factor) in new (PropensityWeighting, Func<double, double>)[]
        {
            (PropensityWeighting.Inverse, p => 1 / p), (PropensityWeighting.ImplicitExploration(0.2), p => 1 / (p + 0.2)),
            (PropensityWeighting.ExponentialSmoothing(0.5), p => 1 / Math.Sqrt(p)),
        })
        {
            DoublyRobustReward source = new(Log, model, weighting);
            float[] value = new float[1];
            source.Fill(1, [7], value);
            double predicted = GivenModel.Value(1, 7), correction = factor(0.01) * (-2 - predicted);
            Assert.That(value[0], Is.EqualTo(predicted + correction).Within(3 * Close.SingleUnit * Math.Abs(correction)), weighting.ToString());
        }
    }

    [Test]
    public void What_does_not_fit_is_refused()
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That(
                () => new DoublyRobustReward(Log, new GivenModel(2), PropensityWeighting.Inverse),
                Throws.ArgumentException.With.Message.Contains("3 rows").And.Message.Contains("2 contexts"));
            foreach (PropensityWeighting weighting in new[] { PropensityWeighting.SelfNormalised, PropensityWeighting.LogarithmicSmoothing(1) })
                Assert.That(() => new DoublyRobustReward(Log, new GivenModel(3), weighting), Throws.ArgumentException.With.Message.Contains(weighting.ToString()));
            LoggedFeedback tiny = new([3, 7], [0.5, 1e-300], [1, 1], P);
            Assert.That(
                () => new DoublyRobustReward(tiny, new GivenModel(2), PropensityWeighting.Inverse), Throws.ArgumentException.With.Message.Contains("Row 1"));
            Assert.That(() => new DoublyRobustReward(null!, new GivenModel(3), PropensityWeighting.Inverse), Throws.ArgumentNullException);
            Assert.That(() => new DoublyRobustReward(Log, null!, PropensityWeighting.Inverse), Throws.ArgumentNullException);
            Assert.That(() => new DoublyRobustReward(Log, new GivenModel(3), null!), Throws.ArgumentNullException);
        }
    }

    private sealed class GivenModel(int count) : IRewardModel
    {
        public int Count => count;

        public static float Value(int context, int item) => ((((item * 7) + (context * 5)) % 17) - 6) / 8f;

        public void Predict(int context, ReadOnlySpan<int> items, Span<float> rewards)
        {
            for (int i = 0; i < items.Length; i++)
                rewards[i] = Value(context, items[i]);
        }
    }
}
