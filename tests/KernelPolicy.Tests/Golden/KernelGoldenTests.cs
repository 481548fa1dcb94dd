using KernelPolicy.Kernels;
using KernelPolicy.Policy;
using KernelPolicy.Tests.Reference;
using KernelPolicy.Tests.Support;
using NUnit.Framework;

namespace KernelPolicy.Tests.Golden;

/// <summary>The kernels, in the order of a training step, against the golden numbers.</summary>
/// <remarks>
/// Tolerance. Inputs are rounded to single precision, and scores pass through two dot products:
/// δ = γ_{2L+3} Σ|x Θ β|. A weight is off by the share 2δ + u·range + 9u·(1 + P/96) + γ_P, normalised by twice that, and an
/// entry of the gradient by the share κ = 4 times that + γ_{B+4} of (1/B) Σ_b |x_b| Σ w (|r| + Σ w|r|) |β|.
/// </remarks>
[TestFixture("small")]
[TestFixture("ragged")]
[NonParallelizable]
public class KernelGoldenTests(string name)
{
    private readonly GoldenCase _golden = GoldenCase.Load(name);
    private Matrix _items = null!;
    private Matrix _contexts = null!;
    private WorkerTeam _team = null!;

    [OneTimeSetUp]
    public void SetUp()
    {
        _items = Seeded.Narrow(_golden.Beta);
        _contexts = Seeded.Narrow(_golden.Contexts);
        _team = new WorkerTeam(2);
    }

    [OneTimeTearDown]
    public void TearDown()
    {
        _items.Dispose();
        _contexts.Dispose();
        _team.Dispose();
    }

    [Test]
    public void Log_partition() => Widths.Each(width =>
    {
        using Matrix h = Project(_golden.Theta);
        using SoftmaxPass pass = new(_golden.Batch, _golden.Dimensions);
        pass.Run(_items, h, _golden.Batch, null, _team);
        double[] expected = _golden.List("exact", "log_partition");
        Close.Within(
            pass.LogZ, expected, [.. Enumerable.Range(0, _golden.Batch).Select(b => Share(b, _golden.Scores[b]))],
            $"width {width}");
    });

    [Test]
    public void Exact_gradient() => Widths.Each(width =>
    {
        using Matrix theta = Seeded.Narrow(_golden.Theta);
        using IGradientEstimator estimator = Exact();
        using TrainingStep step = Step(estimator, theta, new AdamOptions());
        Matrix gradient = step.Gradient([.. Enumerable.Range(0, _golden.Batch)], 0);
        CheckGradient(gradient, _golden.Table("exact", "gradient"), _golden.Rewards, Everything, $"width {width}: exact gradient");
        double value = _golden.Number("exact", "objective");
        double share = Enumerable.Range(0, _golden.Batch).Max(b => Share(b, _golden.Scores[b]));
        Assert.That(step.Statistics.MeanReward, Is.EqualTo(value).Within(2 * share * value));
    });

    [Test]
    public void Uniform_weights_and_gradient() => Widths.Each(width =>
    {
        int[][] draws = _golden.Lists("uniform", "draws");
        CheckGivenDraws("uniform", draws, _ => 0, width);
    });

    [Test]
    public void Mixture_density_weights_and_gradient() => Widths.Each(width =>
    {
        int[][] draws = _golden.Lists("mixture", "draws"), top = _golden.Lists("mixture", "top");
        double[][] density = _golden.Rows("mixture", "proposal");
        using Matrix h = Project(_golden.Theta);
        using TopKScan scan = new();
        TopK found = new(_golden.Batch, _golden.TopK);
        scan.Run(_items, h, _golden.Batch, _golden.TopK, found, _team);
        MixtureProposal proposal = new(_golden.Items, _golden.Epsilon, _golden.TopK);
        Dictionary<(int, int), double> logs = [];
        for (int b = 0; b < _golden.Batch; b++)
        {
            Assert.That(found.Items(b).ToArray(), Is.EquivalentTo(top[b]));
            proposal.SetHead(found.Items(b), found.Scores(b));
            Close.Values(
                draws[b].Select(a => proposal.Density(a)).ToArray(), density[b], 0, 2 * Share(b, _golden.Scores[b]),
                $"width {width}: density of context {b}");
            foreach (int a in draws[b])
                logs[(b, a)] = Math.Log(proposal.Density(a));
        }

        CheckGivenDraws("mixture", draws, key => logs[key], width);
    });

    /// <summary>Terms are those of the mixture with other weights: the head's are e^f, the tail's that times (P − |H|)/l'.</summary>
    [Test]
    public void Strata_partition_and_gradient() => Widths.Each(width =>
    {
        int[][] heads = _golden.Lists("strata", "heads"), tails = _golden.Lists("strata", "tail_draws");
        using Matrix h = Project(_golden.Theta), g = new(_golden.Batch, _golden.Dimensions);
        using Matrix gradient = new(_golden.Dimensions, _golden.Dimensions);
        using CatalogueMoments moments = CatalogueMoments.Compute(_items, _team);
        using StrataGradient strata = new(_items, moments, _golden.Items, tails.Max(t => t.Length));
        StrataHead head = new(_golden.Items);
        double[] logZ = new double[_golden.Batch];
        (int[] Items, double[] Weights)[] terms = new (int[], double[])[_golden.Batch];
        for (int b = 0; b < _golden.Batch; b++)
        {
            int[] tail = [.. tails[b].Where(a => !heads[b].Contains(a))];
            float[] scores = new float[tail.Length], rewards = [.. heads[b].Select(a => (float)_golden.Rewards[b][a])];
            unsafe
            {
                head.Set(h.RowPointer(b), _items, heads[b], [], []);
                RowScores.Gather(h.RowPointer(b), _items, tail, scores);
                logZ[b] = strata.Estimate(
                    h.RowPointer(b), null, head, rewards, new StrataTail(_items, tail, tail, scores, false), [], 0, g.RowPointer(b))
                    .LogPartition;
            }

            (int[] items, double[] logs, _) = Estimates.StrataTerms(_golden.Scores[b], heads[b], tails[b]);
            terms[b] = (items, Softmax.Weights(logs));
        }

        Close.Within(
            logZ, _golden.List("strata", "log_partition"),
            [.. Enumerable.Range(0, _golden.Batch).Select(b => Share(b, _golden.Scores[b]))], $"width {width}: ln Ẑ");
        new OuterProduct().Run(_contexts, g, gradient, _golden.Batch, _team);
        CheckGradient(
            gradient, _golden.Table("strata", "gradient"), _golden.Rewards, b => terms[b], $"width {width}: strata gradient");
    });

    /// <summary>Tolerances are those of <see cref="GoldenSteps"/>.</summary>
    [Test]
    public void Ten_steps_of_training()
    {
        using GoldenSteps steps = new(_golden);
        Widths.Each(width =>
        {
            using Matrix theta = Seeded.Narrow(_golden.Theta);
            using IGradientEstimator estimator = Exact();
            using TrainingStep step = Step(estimator, theta, steps.Options);
            for (int t = 1; t <= steps.Expected.Length; t++)
            {
                step.Run([.. Enumerable.Range(0, _golden.Batch)], t - 1, steps.Rate);
                steps.AssertTheta(theta, t, $"width {width}");
            }
        });
    }

    /// <summary>Clipped IPS, sparse, and clipped DR, dense: rewards are rounded to single precision, four units at most with
    /// the correction, which κ has room for.</summary>
    [Test]
    public void Gradients_of_logged_rewards() => Widths.Each(width =>
    {
        double[] propensities = _golden.List("logged", "propensities"), rewards = _golden.List("logged", "rewards");
        int[] actions = [.. _golden.List("logged", "actions").Select(a => (int)a)];
        double[][] model = _golden.Rows("logged", "reward_model");
        double clip = _golden.Number("logged", "clip");
        LoggedFeedback log = new(actions, propensities, rewards, _golden.Items);
        PropensityWeighting weighting = PropensityWeighting.Clipped(clip);
        CheckLogged(
            new LoggedReward(log, weighting), "clipped_ips_gradient",
            b => LoggedRewards.ClippedIps(_golden.Items, actions[b], propensities[b], rewards[b], clip), width);
        CheckLogged(
            new DoublyRobustReward(log, new GivenModel(model), weighting), "clipped_dr_gradient",
            b => LoggedRewards.ClippedDoublyRobust(model[b], actions[b], propensities[b], rewards[b], clip), width);
    });

    private void CheckLogged(IRewardSource source, string key, Func<int, double[]> rewards, int width)
    {
        using Matrix theta = Seeded.Narrow(_golden.Theta);
        using IGradientEstimator estimator = GradientEstimators.Create(
            new ExactOptions(), new EstimatorSetting(_items, source, _golden.Batch, 1, _team));
        using TrainingStep step = new(
            new TrainingProblem(_items, new DenseContexts(_contexts), source), estimator, theta, _golden.Batch, new AdamOptions(), _team);
        CheckGradient(
            step.Gradient([.. Enumerable.Range(0, _golden.Batch)], 0), _golden.Table("logged", key),
            [.. Enumerable.Range(0, _golden.Batch).Select(rewards)], Everything, $"width {width}: {key}");
    }

    private void CheckGivenDraws(string key, int[][] draws, Func<(int Context, int Item), double> logDensity, int width)
    {
        using Matrix h = Project(_golden.Theta), g = new(_golden.Batch, _golden.Dimensions);
        using Matrix gradient = new(_golden.Dimensions, _golden.Dimensions);
        SessionReward rewards = new(SparseRows.FromLists([.. _golden.RewardedItems.Select(y => y.Order().ToArray())]));
        double[][] expected = _golden.Rows(key, "weights");
        for (int b = 0; b < _golden.Batch; b++)
        {
            int context = b;
            float[] weights = new float[draws[b].Length], reward = new float[draws[b].Length];
            unsafe
            {
                RowScores.Gather(h.RowPointer(b), _items, draws[b], weights);
                for (int s = 0; s < weights.Length; s++)
                    weights[s] -= (float)logDensity((context, draws[b][s]));
                ImportanceWeights.SelfNormalise(weights, []);
                Close.Values(
                    weights, expected[b], 1e-37, 2 * Share(b, _golden.Scores[b]), $"width {width}: {key} weights of context {b}");
                rewards.Fill(b, draws[b], reward);
                ImportanceWeights.ToCovarianceCoefficients(weights, reward);
                WeightedRows.Accumulate(_items, draws[b], weights, g.RowPointer(b));
            }
        }

        new OuterProduct().Run(_contexts, g, gradient, _golden.Batch, _team);
        CheckGradient(gradient, _golden.Table(key, "gradient"), _golden.Rewards, b => (draws[b], expected[b]), $"width {width}: {key} gradient");
    }

    private (int[] Items, double[] Weights) Everything(int b) => ([.. Enumerable.Range(0, _golden.Items)], Softmax.Weights(_golden.Scores[b]));

    private void CheckGradient(
        Matrix gradient, double[,] expected, double[][] rewards, Func<int, (int[] Items, double[] Weights)> terms, string what) =>
        Close.Within(Linear.Flat(Seeded.Wide(gradient)), Linear.Flat(expected), Allowed(rewards, terms), what);

    private double[] Allowed(double[][] rewards, Func<int, (int[] Items, double[] Weights)> terms)
    {
        double[][] g = new double[_golden.Batch][];
        for (int b = 0; b < _golden.Batch; b++)
        {
            (int[] items, double[] weights) = terms(b);
            double kappa = (4 * Share(b, _golden.Scores[b])) + Close.Gamma(_golden.Batch + 4);
            double reward = items.Zip(weights, (a, w) => w * Math.Abs(rewards[b][a])).Sum();
            g[b] = Linear.WeightedRows(
                items, [.. items.Zip(weights, (a, w) => kappa * w * (Math.Abs(rewards[b][a]) + reward))], Magnitudes(_golden.Beta));
        }

        // Weights below e^−87 may come out as e^−87.
        return [.. Linear.Flat(Linear.BatchGradient(Magnitudes(_golden.Contexts), g)).Select(v => v + 1e-34)];
    }

    private double Share(int b, double[] f)
    {
        double[] h = Linear.Project([.. Linear.Row(_golden.Contexts, b).Select(Math.Abs)], Magnitudes(_golden.Theta));
        double delta = Close.Gamma((2 * _golden.Dimensions) + 3) * Linear.Scores(h, Magnitudes(_golden.Beta)).Max();
        double range = Math.Min(90, f.Max() - f.Min());
        return (2 * delta) + (Close.SingleUnit * (range + 9 + (9 * _golden.Items / 96.0))) + Close.Gamma(_golden.Items);
    }

    private Matrix Project(double[,] theta)
    {
        using Matrix table = Seeded.Narrow(theta);
        Matrix h = new(_golden.Batch, _golden.Dimensions);
        new Projection().Run(_contexts, table, h, _golden.Batch, _team);
        return h;
    }

    private IGradientEstimator Exact() =>
        GradientEstimators.Create(new ExactOptions(), new EstimatorSetting(_items, Problem().Rewards, _golden.Batch, 1, _team));

    private TrainingStep Step(IGradientEstimator estimator, Matrix theta, AdamOptions adam) =>
        new(Problem(), estimator, theta, _golden.Batch, adam, _team);

    private TrainingProblem Problem() => new(
        _items, new DenseContexts(_contexts),
        new SessionReward(SparseRows.FromLists([.. _golden.RewardedItems.Select(y => y.Order().ToArray())])));

    private static double[,] Magnitudes(double[,] table)
    {
        double[,] result = (double[,])table.Clone();
        for (int i = 0; i < result.GetLength(0); i++)
        {
            for (int j = 0; j < result.GetLength(1); j++)
                result[i, j] = Math.Abs(result[i, j]);
        }

        return result;
    }

    private sealed class GivenModel(double[][] rewards) : IRewardModel
    {
        public int Count => rewards.Length;

        public void Predict(int context, ReadOnlySpan<int> items, Span<float> predicted)
        {
            for (int i = 0; i < items.Length; i++)
                predicted[i] = (float)rewards[context][items[i]];
        }
    }
}
