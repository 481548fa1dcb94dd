using CsCheck;
using KernelPolicy.Kernels;
using KernelPolicy.Policy;
using KernelPolicy.Tests.Reference;
using KernelPolicy.Tests.Support;
using NUnit.Framework;

namespace KernelPolicy.Tests.Rewards;

/// <summary>Rewards of logs against their formulas, in double precision and rounded once.</summary>
public sealed class LoggedRewardTests
{
    private const int P = 50;

    private static readonly PropensityWeighting[] Weightings =
    [
        PropensityWeighting.Inverse, PropensityWeighting.Clipped(0), PropensityWeighting.Clipped(0.2), PropensityWeighting.Clipped(1),
        PropensityWeighting.SelfNormalised, PropensityWeighting.ImplicitExploration(0), PropensityWeighting.ImplicitExploration(0.3),
        PropensityWeighting.ImplicitExploration(5), PropensityWeighting.ExponentialSmoothing(0), PropensityWeighting.ExponentialSmoothing(0.4),
        PropensityWeighting.ExponentialSmoothing(1), PropensityWeighting.LogarithmicSmoothing(0), PropensityWeighting.LogarithmicSmoothing(1e-9),
        PropensityWeighting.LogarithmicSmoothing(0.5), PropensityWeighting.LogarithmicSmoothing(100),
    ];

    /// <summary>Double precision is off by some 2^-52 of each operation, λ = 1e-9 included; the reward is rounded to single, where the least
    /// number above 0 is float.Epsilon.</summary>
    [Test]
    public void Rewards_are_those_of_the_formula(
        [ValueSource(nameof(Weightings))] PropensityWeighting weighting, [Values(0, -0.75)] double translation) =>
        Gen.Select(
            Gen.Int[0, P - 1].Array[5], Gen.Double[1e-4, 1].Array[5], Gen.Double[-0.5, 2].Array[5], Gen.Int[0, P - 1].Array[0, 60]).Sample(
            (actions, propensities, drawn, asked) =>
            {
                double[] rewards = weighting.IsLinear ? drawn : [.. drawn.Select(Math.Abs)];
                LoggedReward source = new(new LoggedFeedback(actions, propensities, rewards, P), weighting, translation);
                for (int row = 0; row < 5; row++)
                {
                    double expected = Formula(weighting, rewards[row] - translation, propensities[row], propensities);
                    float[] values = new float[asked.Length], own = new float[1];
                    source.Fill(row, asked, values);
                    source.Fill(row, source.RewardedItems(row), own);
                    Assert.That(own[0], Is.EqualTo(expected).Within(((Close.SingleUnit + 1e-13) * Math.Abs(expected)) + float.Epsilon));
                    Assert.That(values, Is.EqualTo(asked.Select(a => a == actions[row] ? own[0] : 0)));
                    Assert.That(source.RewardedItems(row).ToArray(), Is.EqualTo(new[] { actions[row] }));
                }

                return source is { IsSparse: true, Count: 5 };
            },
            iter: 40, threads: 1);

    [Test]
    public void Parameters_out_of_range_are_refused_by_name_and_value()
    {
        using (Assert.EnterMultipleScope())
        {
            foreach (double bad in new[] { -1e-9, double.NaN, double.PositiveInfinity })
            {
                AssertRefused(() => PropensityWeighting.Clipped(bad), "tau", bad, "[0, 1]");
                AssertRefused(() => PropensityWeighting.ImplicitExploration(bad), "gamma", bad, "at least 0");
                AssertRefused(() => PropensityWeighting.ExponentialSmoothing(bad), "alpha", bad, "[0, 1]");
                AssertRefused(() => PropensityWeighting.LogarithmicSmoothing(bad), "lambda", bad, "at least 0");
            }

            AssertRefused(() => PropensityWeighting.Clipped(1.001), "tau", 1.001, "[0, 1]");
            AssertRefused(() => PropensityWeighting.ExponentialSmoothing(1.001), "alpha", 1.001, "[0, 1]");
            LoggedFeedback log = new([1, 2], [0.5, 0.5], [1, 0.25], P);
            AssertRefused(() => _ = new LoggedReward(log, PropensityWeighting.Inverse, double.NaN), "translation", double.NaN, "finite");
        }
    }

    [Test]
    public void A_row_that_cannot_be_weighed_is_named()
    {
        LoggedFeedback negative = new([1, 2], [0.5, 0.5], [1, -0.25], P), tiny = new([1, 2, 3], [0.5, 0.5, 1e-300], [1, 1, 3], P);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(
                () => new LoggedReward(negative, PropensityWeighting.LogarithmicSmoothing(1)),
                Throws.ArgumentException.With.Message.Contains("row 1").And.Message.Contains("-0.25"));
            Assert.That(() => new LoggedReward(negative, PropensityWeighting.LogarithmicSmoothing(1), -0.25), Throws.Nothing);
            Assert.That(
                () => new LoggedReward(tiny, PropensityWeighting.Inverse),
                Throws.ArgumentException.With.Message.Contains("Row 2").And.Message.Contains("1E-300"));
            Assert.That(() => new LoggedReward(tiny, PropensityWeighting.Clipped(1e-3)), Throws.Nothing);
            Assert.That(() => new LoggedReward(null!, PropensityWeighting.Inverse), Throws.ArgumentNullException);
            Assert.That(() => new LoggedReward(tiny, null!), Throws.ArgumentNullException);
        }
    }

    /// <summary>Rows of β are read through a pointer: a log over a larger catalogue must not pass.</summary>
    [Test]
    public void A_log_over_more_items_than_there_are_is_refused()
    {
        using Matrix items = new(10, 3);
        using WorkerTeam team = new(1);
        LoggedReward reward = new(new LoggedFeedback([1, 10], [0.5, 0.5], [1, 1], P), PropensityWeighting.Inverse);
        Assert.That(
            () => GradientEstimators.Create(new ExactOptions(), new EstimatorSetting(items, reward, 2, 1, team)),
            Throws.ArgumentException.With.Message.Contains("Item 10").And.Message.Contains("context 1").And.Message.Contains("0 to 9"));
    }

    [Test]
    public void A_function_with_a_support_is_asked_for_it_alone()
    {
        List<int> asked = [];
        RewardFunction reward = new(SparseRows.FromLists([[], [2, 5, 9]]), (context, item) =>
        {
            asked.Add(item);
            return (10 * context) + item;
        });
        float[] values = new float[5];
        reward.Fill(1, [5, 3, 9, 10, 5], values);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(values, Is.EqualTo(new float[] { 15, 0, 19, 0, 15 }));
            Assert.That(asked, Is.EqualTo(new[] { 5, 9, 5 }));
            Assert.That(reward.IsSparse);
            Assert.That(reward.RewardedItems(1).ToArray(), Is.EqualTo(new[] { 2, 5, 9 }));
            Assert.That(reward.RewardedItems(0).Length, Is.Zero);
            Assert.That(() => new RewardFunction(SparseRows.FromLists([[1], [4, 4]]), (_, _) => 0), Throws.ArgumentException.With.Message.Contains("context 1"));
            Assert.That(() => new RewardFunction((SparseRows)null!, (_, _) => 0), Throws.ArgumentNullException);
            Assert.That(() => new RewardFunction(SparseRows.FromLists([[1]]), null!), Throws.ArgumentNullException);
        }
    }

    [Test]
    public void Filling_allocates_nothing()
    {
        using Matrix items = Seeded.Matrix(1, P, 4), contexts = Seeded.Matrix(2, 3, 4);
        LoggedFeedback log = new([1, 2, 3], [0.5, 0.5, 0.1], [1, 0, 1], P);
        RidgeRewardModel model = RidgeRewardModel.Fit(items, new DenseContexts(contexts), log);
        IRewardSource[] sources =
        [
            new LoggedReward(log, PropensityWeighting.LogarithmicSmoothing(1)), new DoublyRobustReward(log, model, PropensityWeighting.Clipped(0.2)),
            new DoublyRobustReward(log, LogisticRewardModel.Fit(items, new DenseContexts(contexts), log), PropensityWeighting.Inverse),
            new DoublyRobustReward(
                log, CrossFittedRewardModel.Fit(2, fold => RidgeRewardModel.Fit(items, new DenseContexts(contexts), log, new() { LeaveOut = fold })),
                PropensityWeighting.Inverse),
            new RewardFunction(SparseRows.FromLists([[1], [2], [3]]), (_, item) => item),
        ];
        int[] asked = [.. Enumerable.Range(0, P)];
        float[] values = new float[P];
        foreach (IRewardSource source in sources)
        {
            Allocations.AssertNone(() =>
            {
                for (int context = 0; context < 3; context++)
                    source.Fill(context, asked, values);
            });
        }
    }

    private static void AssertRefused(Action action, string name, double value, string range)
    {
        ArgumentOutOfRangeException error = Assert.Throws<ArgumentOutOfRangeException>(action)!;
        Assert.That((error.ParamName, error.ActualValue), Is.EqualTo((name, (object)value)));
        Assert.That(error.Message, Does.Contain(range));
    }

    private static double Formula(PropensityWeighting weighting, double r, double p, double[] all) => weighting.Kind switch
    {
        WeightingKind.Inverse => r / p,
        WeightingKind.Clipped => LoggedRewards.ClippedIps(1, 0, p, r, weighting.Parameter)[0],
        WeightingKind.SelfNormalised => r / p / all.Average(other => 1 / other),
        WeightingKind.ImplicitExploration => r / (p + weighting.Parameter),
        WeightingKind.ExponentialSmoothing => r / Math.Exp(weighting.Parameter * Math.Log(p)),
        WeightingKind.LogarithmicSmoothing => LoggedRewards.LogarithmicSmoothing(r / p, weighting.Parameter),
        _ => throw new NotSupportedException(),
    };
}
