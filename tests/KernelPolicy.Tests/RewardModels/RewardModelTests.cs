using KernelPolicy.Kernels;
using KernelPolicy.Policy;
using KernelPolicy.Tests.Reference;
using KernelPolicy.Tests.Support;
using NUnit.Framework;

namespace KernelPolicy.Tests.RewardModels;

/// <summary>Ridge and logistic models against plain solutions in double precision.</summary>
public sealed class RewardModelTests
{
    private const int P = 40;
    private const int N = 300;
    private const int L = 3;
    private const int D = 1 + (3 * L);

    private Matrix _items = null!;
    private Matrix _contexts = null!;
    private LoggedFeedback _log = null!;

    [SetUp]
    public void MakeLog()
    {
        // Items are small and contexts large, as factors may be: the penalty must not see it.
        _items = Seeded.Matrix(1, P, L, 0.01);
        _contexts = Seeded.Matrix(2, N, L, 20);
        Random random = new(3);
        int[] actions = Seeded.Items(4, N, P);
        _log = new LoggedFeedback(
            actions, [.. actions.Select(_ => 0.05 + (0.95 * random.NextDouble()))],
            [.. actions.Select((a, i) => random.NextDouble() < 1 / (1 + Math.Exp(-(60 * _items.Row(a)[0]) - (3 * _items.Row(a)[1] * _contexts.Row(i)[1]))) ? 1.0 : 0)], P);
    }

    [TearDown]
    public void FreeTables()
    {
        _items.Dispose();
        _contexts.Dispose();
    }

    /// <summary>Both solve a system in double precision; with features scaled its condition is below 1/penalty·D = 1e4, so that
    /// 2^-52·1e4·D³ ≈ 2e-9 relative bounds the difference.</summary>
    [Test]
    public void Ridge_solves_the_penalised_normal_equations([Values] bool weighed, [Values(1e-3, 0.5)] double penalty)
    {
        RewardModelOptions options = new() { Penalty = penalty, WeighByPropensity = weighed };
        RidgeRewardModel model = RidgeRewardModel.Fit(_items, new DenseContexts(_contexts), _log, options);
        double[] w = Scaled(model.Coefficients), expected = Scaled(Solve(Rows(weighed), penalty));
        Close.Values(w, expected, 2e-9 * expected.Max(Math.Abs), 0, "coefficients times the features' sizes");
    }

    /// <summary>The penalised loss is strictly convex: where its gradient is zero it is least. Gradients are means of numbers of
    /// order one, in features of mean square 1; a decrement of 1e-14 before the last step, quadratic convergence after it.</summary>
    [Test]
    public void Logistic_has_no_gradient_left([Values] bool weighed, [Values(1e-3, 0.5)] double penalty)
    {
        RewardModelOptions options = new() { Penalty = penalty, WeighByPropensity = weighed };
        LogisticRewardModel model = LogisticRewardModel.Fit(_items, new DenseContexts(_contexts), _log, options);
        double[] w = model.Coefficients.ToArray(), gradient = new double[D];
        (double[] Features, double Reward, double Count)[] rows = Rows(weighed);
        double total = rows.Sum(row => row.Count);
        double[] squares = Squares(rows);
        for (int j = 0; j < D; j++)
        {
            double own = rows.Sum(row => row.Count * row.Features[j] * ((1 / (1 + Math.Exp(-Linear.Dot(w, row.Features)))) - row.Reward)) / total;
            gradient[j] = (own + (j == 0 ? 0 : penalty * squares[j] * w[j])) / Math.Sqrt(squares[j]);
        }

        Assert.That(gradient.Max(Math.Abs), Is.LessThan(1e-10));
    }

    /// <summary>Separable rewards: full steps of Newton's method overshoot, halved ones do not.</summary>
    [Test]
    public void Logistic_converges_on_separable_rewards()
    {
        LoggedFeedback separable = new(
            _log.Actions, _log.Propensities, [.. _log.Actions.ToArray().Select(a => _items.Row(a)[0] > 0 ? 1.0 : 0)], P);
        LogisticRewardModel model = LogisticRewardModel.Fit(
            _items, new DenseContexts(_contexts), separable, new RewardModelOptions { Penalty = 1e-9 });
        float[] predicted = new float[P];
        model.Predict(0, [.. Enumerable.Range(0, P)], predicted);
        foreach (int a in separable.Actions.ToArray().Distinct())
            Assert.That(predicted[a], _items.Row(a)[0] > 0 ? Is.GreaterThan(0.5f) : Is.LessThan(0.5f));
    }

    /// <summary>c + v·β = w·φ: c, v and each product rounded, γ_{L+4} of the sum of sizes; σ has slope 1/4 at most and is off by 4
    /// units itself.</summary>
    [Test]
    public void Predictions_are_those_of_the_coefficients([Values] bool logistic)
    {
        LinearRewardModel model = logistic
            ? LogisticRewardModel.Fit(_items, new DenseContexts(_contexts), _log)
            : RidgeRewardModel.Fit(_items, new DenseContexts(_contexts), _log);
        LinearRewardModel other = RidgeRewardModel.Fit(_items, new DenseContexts(_contexts), _log, new RewardModelOptions { Penalty = 9 });
        int[] all = [.. Enumerable.Range(0, P), 5, 5];
        float[] predicted = new float[all.Length], unused = new float[1];
        double[] w = model.Coefficients.ToArray();
        foreach (int context in new[] { 0, 17, 17, N - 1 })
        {
            model.Predict(context, all, predicted);

            // Another model is asked in between: what a thread keeps of one must not serve the other.
            other.Predict(context, [0], unused);
            double[] expected = new double[all.Length], allowed = new double[all.Length];
            for (int i = 0; i < all.Length; i++)
            {
                double[] features = Features(context, all[i]);
                expected[i] = Linear.Dot(w, features);
                allowed[i] = Close.Gamma(L + 4) * w.Zip(features, (a, b) => Math.Abs(a * b)).Sum();
                if (logistic)
                    (expected[i], allowed[i]) = (1 / (1 + Math.Exp(-expected[i])), (allowed[i] / 4) + (4 * Close.SingleUnit));
            }

            Close.Within(predicted, expected, allowed, $"context {context}");
        }

        float[] slope = new float[L];
        float constant = model.Affine(_contexts.Row(17), slope);
        double linear = constant + Enumerable.Range(0, L).Sum(l => (double)slope[l] * _items.Row(5)[l]), sum = Linear.Dot(w, Features(17, 5));
        Assert.That(linear, Is.EqualTo(sum).Within(Close.Gamma(L + 4) * w.Zip(Features(17, 5), (a, b) => Math.Abs(a * b)).Sum()));
        Assert.That(model.Count, Is.EqualTo(N));
    }

    /// <summary>A feature that is zero throughout has the coefficient zero, and no division by it.</summary>
    [Test]
    public void A_dimension_of_zeros_does_no_harm()
    {
        for (int row = 0; row < N; row++)
            _contexts.Row(row)[2] = 0;
        foreach (LinearRewardModel model in new LinearRewardModel[]
        {
            RidgeRewardModel.Fit(_items, new DenseContexts(_contexts), _log), LogisticRewardModel.Fit(_items, new DenseContexts(_contexts), _log),
        })
        {
            Assert.That(model.Coefficients.ToArray(), Has.All.Matches<double>(double.IsFinite));
            Assert.That((model.Coefficients[3], model.Coefficients[D - 1]), Is.EqualTo((0.0, 0.0)));
        }
    }

    [Test]
    public void Cross_fitting_asks_the_model_that_did_not_see_the_row()
    {
        List<RowFold> fitted = [];
        CrossFittedRewardModel model = CrossFittedRewardModel.Fit(3, fold =>
        {
            fitted.Add(fold);
            return RidgeRewardModel.Fit(_items, new DenseContexts(_contexts), _log, new RewardModelOptions { LeaveOut = fold });
        });
        Assert.That(fitted, Is.EqualTo(new RowFold[] { new(0, 3), new(1, 3), new(2, 3) }));
        foreach (int row in new[] { 0, 1, 2, 100 })
        {
            // The model without the rows of the same remainder, by a log that lacks them.
            int[] kept = [.. Enumerable.Range(0, N).Where(i => i % 3 != row % 3)];
            using Matrix x = new(kept.Length, L);
            for (int i = 0; i < kept.Length; i++)
                _contexts.Row(kept[i]).CopyTo(x.Row(i));
            RidgeRewardModel without = RidgeRewardModel.Fit(_items, new DenseContexts(x), new LoggedFeedback(
                [.. kept.Select(i => _log.Actions[i])], [.. kept.Select(i => _log.Propensities[i])], [.. kept.Select(i => _log.Rewards[i])], P));
            RidgeRewardModel leftOut = RidgeRewardModel.Fit(
                _items, new DenseContexts(_contexts), _log, new RewardModelOptions { LeaveOut = new RowFold(row % 3, 3) });
            Assert.That(leftOut.Coefficients.ToArray(), Is.EqualTo(without.Coefficients.ToArray()));
            float[] one = new float[1], other = new float[1];
            model.Predict(row, [7], one);
            leftOut.Predict(row, [7], other);
            Assert.That(one, Is.EqualTo(other));
        }
    }

    [Test]
    public void What_does_not_fit_is_refused()
    {
        using Matrix wide = new(N, L + 1), few = new(N - 1, L), more = new(P + 1, L);
        DenseContexts contexts = new(_contexts);
        LoggedFeedback high = new([1, 2], [1, 1], [0.5, 1.5], P);
        using Matrix two = new(2, L);
        RidgeRewardModel model = RidgeRewardModel.Fit(_items, contexts, _log);
        using (Assert.EnterMultipleScope())
        {
            foreach (double penalty in new[] { 0, -1, double.NaN, double.PositiveInfinity })
            {
                Assert.That(
                    () => RidgeRewardModel.Fit(_items, contexts, _log, new RewardModelOptions { Penalty = penalty }),
                    Throws.InstanceOf<ArgumentOutOfRangeException>().With.Property("ActualValue").EqualTo(penalty));
            }

            Assert.That(() => RidgeRewardModel.Fit(_items, new DenseContexts(wide), _log), Throws.ArgumentException);
            Assert.That(() => RidgeRewardModel.Fit(_items, new DenseContexts(few), _log), Throws.ArgumentException.With.Message.Contains("299"));
            Assert.That(() => RidgeRewardModel.Fit(more, contexts, _log), Throws.ArgumentException.With.Message.Contains("41"));
            Assert.That(
                () => RidgeRewardModel.Fit(_items, contexts, _log, new RewardModelOptions { LeaveOut = new RowFold(3, 3) }),
                Throws.InstanceOf<ArgumentOutOfRangeException>());
            using Matrix none = new(0, L);
            Assert.That(() => RidgeRewardModel.Fit(_items, new DenseContexts(none), new LoggedFeedback([], [], [], P)), Throws.ArgumentException);
            Assert.That(
                () => LogisticRewardModel.Fit(_items, new DenseContexts(two), high),
                Throws.ArgumentException.With.Message.Contains("row 1").And.Message.Contains("1.5"));
            Assert.That(() => model.Predict(0, [3, P], new float[2]), Throws.ArgumentException);
            Assert.That(() => model.Predict(0, [-1, 3], new float[2]), Throws.ArgumentException);
            Assert.That(() => model.Affine(new float[L + 1], new float[L]), Throws.ArgumentException);
            Assert.That(() => CrossFittedRewardModel.Fit(1, _ => model), Throws.InstanceOf<ArgumentOutOfRangeException>());
        }
    }

    private double[] Features(int context, int item)
    {
        double[] x = Seeded.Wide(_contexts.Row(context)), b = Seeded.Wide(_items.Row(item));
        return [1, .. x, .. b, .. x.Zip(b, (own, other) => own * other)];
    }

    private (double[] Features, double Reward, double Count)[] Rows(bool weighed) =>
        [.. Enumerable.Range(0, N).Select(
            i => (Features(i, _log.Actions[i]), _log.Rewards[i], weighed ? 1 / _log.Propensities[i] : 1))];

    private static double[] Squares((double[] Features, double Reward, double Count)[] rows) =>
        [.. Enumerable.Range(0, D).Select(j => rows.Sum(r => r.Count * r.Features[j] * r.Features[j]) / rows.Sum(r => r.Count))];

    private double[] Scaled(ReadOnlySpan<double> w)
    {
        double[] squares = Squares(Rows(false)), scaled = w.ToArray();
        for (int j = 0; j < D; j++)
            scaled[j] *= Math.Sqrt(squares[j]);
        return scaled;
    }

    /// <summary>(Σ ω φφᵀ / W + penalty diag(0, mean φ²)) w = Σ ω r φ / W by Gaussian elimination with pivots, in features of mean
    /// square 1.</summary>
    private static double[] Solve((double[] Features, double Reward, double Count)[] rows, double penalty)
    {
        double[] size = [.. Squares(rows).Select(Math.Sqrt)];
        double total = rows.Sum(row => row.Count);
        double[][] m = [.. Enumerable.Range(0, D).Select(_ => new double[D + 1])];
        for (int i = 0; i < D; i++)
        {
            for (int j = 0; j < D; j++)
                m[i][j] = (rows.Sum(r => r.Count * r.Features[i] * r.Features[j]) / total / size[i] / size[j]) + (i == j && i > 0 ? penalty : 0);
            m[i][D] = rows.Sum(r => r.Count * r.Reward * r.Features[i]) / total / size[i];
        }

        for (int k = 0; k < D; k++)
        {
            int pivot = Enumerable.Range(k, D - k).MaxBy(i => Math.Abs(m[i][k]));
            (m[k], m[pivot]) = (m[pivot], m[k]);
            foreach (int i in Enumerable.Range(0, D).Where(i => i != k))
            {
                double share = m[i][k] / m[k][k];
                for (int j = k; j <= D; j++)
                    m[i][j] -= share * m[k][j];
            }
        }

        return [.. Enumerable.Range(0, D).Select(i => m[i][D] / m[i][i] / size[i])];
    }
}
