using CsCheck;
using KernelPolicy.Kernels;
using KernelPolicy.Policy;
using KernelPolicy.Tests.Reference;
using KernelPolicy.Tests.Support;
using NUnit.Framework;

namespace KernelPolicy.Tests.Estimators;

/// <summary>Contexts and rewards: what estimators are fed with.</summary>
[NonParallelizable]
public class SourceTests
{
    [Test]
    public void A_context_is_the_mean_of_its_history()
    {
        int[] lengths = [0, 1, 2, 5, 255, 256, 257, 700];
        using Matrix items = Seeded.Matrix(1, 300, 19);
        double[,] beta = Seeded.Wide(items);
        int[][] histories = [.. lengths.Select((n, i) => Seeded.Items(i, n, 300))];
        HistoryContexts contexts = new(SparseRows.FromLists(histories), items);
        Assert.That((contexts.Count, contexts.Dimension), Is.EqualTo((lengths.Length, 19)));
        Widths.Each(width =>
        {
            using Matrix x = Seeded.Matrix(2, 3, 19);
            for (int c = 0; c < lengths.Length; c++)
            {
                contexts.Fill(c, x, 1);
                double[] coefficients = [.. histories[c].Select(_ => 1.0 / lengths[c])];

                // A sum of n terms of size below 5, over n, and the division.
                Close.Values(
                    x.Row(1), Linear.WeightedRows(histories[c], coefficients, beta),
                    5 * Close.Gamma(lengths[c] + 1), 0, $"width {width}, history of {lengths[c]}");
                Assert.That(x.PaddedRow(1)[19..].IndexOfAnyExcept(0f), Is.EqualTo(-1), "padding");
            }
        });
    }

    [TestCase(-1)]
    [TestCase(10)]
    public void A_history_of_items_that_there_are_not_is_refused(int item)
    {
        using Matrix items = new(10, 3);
        Assert.That(
            () => new HistoryContexts(SparseRows.FromLists([[1], [2, item]]), items),
            Throws.ArgumentException.With.Message.Contains($"{item}"));
    }

    [Test]
    public void Session_rewards_are_one_on_the_rewarded_items() =>
        Gen.Select(Gen.Int[0, 500].HashSet[0, 80], Gen.Int[0, 600].Array[0, 100]).Sample(
            (rewarded, asked) =>
            {
                SessionReward reward = new(SparseRows.FromLists([[7], [.. rewarded.Order()], []]));
                float[] values = new float[asked.Length], none = new float[asked.Length];
                reward.Fill(1, asked, values);
                reward.Fill(2, asked, none);
                return values.SequenceEqual(asked.Select(a => rewarded.Contains(a) ? 1f : 0)) && none.All(v => v == 0)
                    && reward.RewardedItems(1).ToArray().SequenceEqual(rewarded.Order());
            },
            iter: 500, threads: 1);

    [TestCase(new[] { 3, 3 })]
    [TestCase(new[] { 4, 3 })]
    [TestCase(new[] { -1, 3 })]
    public void Rewarded_items_that_do_not_rise_are_refused(int[] items) =>
        Assert.That(() => new SessionReward(SparseRows.FromLists([[1], items])), Throws.ArgumentException);

    [Test]
    public void A_reward_function_is_asked_for_each_item()
    {
        RewardFunction reward = new(5, (context, item) => (10 * context) + item);
        float[] values = new float[3];
        reward.Fill(2, [4, 0, 4], values);
        Assert.That(values, Is.EqualTo(new float[] { 24, 20, 24 }));
        Assert.That((reward.Count, reward.IsSparse, reward.RewardedItems(1).Length), Is.EqualTo((5, false, 0)));
    }

    [Test]
    public void Parts_that_do_not_fit_are_refused()
    {
        using Matrix items = new(10, 3), wide = new(4, 5), contexts = new(4, 3);
        RewardFunction four = new(4, (_, _) => 0), five = new(5, (_, _) => 0);
        Assert.That(() => new TrainingProblem(items, new DenseContexts(wide), four), Throws.ArgumentException);
        Assert.That(() => new TrainingProblem(items, new DenseContexts(contexts), five), Throws.ArgumentException);
    }

    [Test]
    public void A_training_step_allocates_nothing_once_warm(
        [ValueSource(nameof(Methods))] EstimatorOptions options, [Values(1, 2)] int threads)
    {
        using EstimatorProblem c = new(1000, 20, batch: 8, sharpness: 1, sparse: true, threads);
        using Matrix theta = Theta.Initialise(20, ThetaInitialisation.Identity, 1, 1);
        int[][] histories = [.. Enumerable.Range(0, c.Rewards.Count).Select(i => Seeded.Items(i, 1 + (i % 9), 1000))];
        using IGradientEstimator estimator = c.Create(options);
        using TrainingStep step = new(
            new TrainingProblem(c.Items, new HistoryContexts(SparseRows.FromLists(histories), c.Items), c.Rewards),
            estimator, theta, c.Batch, new AdamOptions(), c.Team);
        long number = 0;
        Allocations.AssertNone(() => step.Run(c.Contexts, number++, 1e-3), warmUp: 30);
    }

    private static EstimatorOptions[] Methods => EstimatorProblem.All();
}
