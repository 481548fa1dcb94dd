using KernelPolicy.Tests.Reference;
using KernelPolicy.Tests.Support;
using NUnit.Framework;

namespace KernelPolicy.Tests.Golden;

/// <summary>The references of this project against the golden numbers of an independent program.</summary>
/// <remarks>
/// Both sides compute in double precision and differ in the order of sums only. A sum of n ≤ 400·33 terms is off by at
/// most n·2^-53 ≈ 1.5e-12 of Σ|terms| and in practice by √n·2^-53 ≈ 1e-14; a score near 37 shifts e^f by 37·2^-53·√33.
/// Hence 1e-12 of the largest entry, which a wrong formula misses by far.
/// </remarks>
[TestFixture("small")]
[TestFixture("ragged")]
public class ReferenceGoldenTests(string name)
{
    private const double Relative = 1e-12;

    private readonly GoldenCase _golden = GoldenCase.Load(name);

    [Test]
    public void Objective_and_log_partition()
    {
        double value = Objective.Value(_golden.Contexts, _golden.Theta, _golden.Beta, _golden.Rewards);
        AssertClose([value], [_golden.Number("exact", "objective")], "objective");
        double[] logZ = [.. _golden.Scores.Select(f => Softmax.LogSumExp(f))];
        AssertClose(logZ, _golden.List("exact", "log_partition"), "log Z");
    }

    [Test]
    public void Exact_gradient() =>
        AssertGradient("exact", b => Estimates.Exact(_golden.Scores[b], _golden.Rewards[b], _golden.Beta));

    [TestCase("reinforce", false)]
    [TestCase("reinforce_baseline", true)]
    public void Reinforce_gradient(string key, bool baseline)
    {
        int[][] draws = _golden.Lists(key, "draws");
        AssertGradient(
            key, b => Estimates.Reinforce(_golden.Scores[b], _golden.Rewards[b], _golden.Beta, draws[b], baseline));
    }

    [Test]
    public void Uniform_weights_and_gradient()
    {
        int[][] draws = _golden.Lists("uniform", "draws");
        double[][] weights = _golden.Rows("uniform", "weights");
        for (int b = 0; b < _golden.Batch; b++)
            AssertClose(Estimates.UniformWeights(_golden.Scores[b], draws[b]), weights[b], $"weights of context {b}");
        AssertGradient(
            "uniform", b => Estimates.Uniform(_golden.Scores[b], _golden.Rewards[b], _golden.Beta, draws[b]));
    }

    [Test]
    public void Mixture_top_items()
    {
        int[][] top = _golden.Lists("mixture", "top");
        for (int b = 0; b < _golden.Batch; b++)
            Assert.That(TopItems.Of(_golden.Scores[b], _golden.TopK), Is.EquivalentTo(top[b]));
    }

    [Test]
    public void Mixture_density_weights_and_gradient()
    {
        int[][] draws = _golden.Lists("mixture", "draws");
        double[][] proposal = _golden.Rows("mixture", "proposal");
        double[][] weights = _golden.Rows("mixture", "weights");
        int[] Top(int b) => TopItems.Of(_golden.Scores[b], _golden.TopK);
        for (int b = 0; b < _golden.Batch; b++)
        {
            double[] f = _golden.Scores[b];
            double[] q = [.. draws[b].Select(a => Estimates.MixtureDensity(f, Top(b), _golden.Epsilon, a))];
            AssertClose(q, proposal[b], $"density of context {b}");
            AssertClose(
                Estimates.MixtureWeights(f, Top(b), _golden.Epsilon, draws[b]), weights[b], $"weights of context {b}");
        }

        AssertGradient(
            "mixture",
            b => Estimates.Mixture(
                _golden.Scores[b], _golden.Rewards[b], _golden.Beta, Top(b), _golden.Epsilon, draws[b]));
    }

    [Test]
    public void Strata_head_partition_and_gradient()
    {
        int[][] heads = _golden.Lists("strata", "heads");
        int[][] tails = _golden.Lists("strata", "tail_draws");
        double[] logZ = _golden.List("strata", "log_partition");
        for (int b = 0; b < _golden.Batch; b++)
        {
            double[] f = _golden.Scores[b];
            int[] head = Estimates.StrataHead(TopItems.Of(f, _golden.TopK), _golden.RewardedItems[b]);
            Assert.That(head, Is.EquivalentTo(heads[b]));
            AssertClose([Estimates.StrataTerms(f, head, tails[b]).LogPartition], [logZ[b]], $"log Ẑ of context {b}");
        }

        AssertGradient(
            "strata",
            b => Estimates.Strata(_golden.Scores[b], _golden.Rewards[b], _golden.Beta, heads[b], tails[b]));
    }

    [Test]
    public void Adam_ten_steps()
    {
        double[][,] expected = _golden.Tables("adam", "theta_after_each_step");
        double[] theta = Linear.Flat(_golden.Theta);
        AdamSteps adam = new(
            theta.Length,
            _golden.Number("adam", "beta1"),
            _golden.Number("adam", "beta2"),
            _golden.Number("adam", "epsilon"),
            _golden.Number("adam", "weight_decay"));
        for (int step = 0; step < expected.Length; step++)
        {
            adam.Ascend(theta, Linear.Flat(GradientAt(theta)), _golden.Number("adam", "learning_rate"));

            // A first step divides a gradient by its own size: where an entry is far below the largest, its rounding
            // error counts relative to itself, and ten steps hand it on. 1e-8 is a 2e-7th of a step of 0.05.
            Close.Values(
                theta, Linear.Flat(expected[step]), absolute: 1e-8, relative: 0, $"Θ after step {step + 1}");
        }
    }

    [Test]
    public void Logged_rewards_gradients()
    {
        int[] actions = [.. _golden.List("logged", "actions").Select(a => (int)a)];
        double[] propensities = _golden.List("logged", "propensities");
        double[] rewards = _golden.List("logged", "rewards");
        double[][] model = _golden.Rows("logged", "reward_model");
        double clip = _golden.Number("logged", "clip");
        double[] Ips(int b) =>
            LoggedRewards.ClippedIps(_golden.Items, actions[b], propensities[b], rewards[b], clip);
        double[] Dr(int b) =>
            LoggedRewards.ClippedDoublyRobust(model[b], actions[b], propensities[b], rewards[b], clip);
        AssertClose(
            Linear.Flat(Batch(b => Estimates.Exact(_golden.Scores[b], Ips(b), _golden.Beta))),
            Linear.Flat(_golden.Table("logged", "clipped_ips_gradient")),
            "clipped IPS");
        AssertClose(
            Linear.Flat(Batch(b => Estimates.Exact(_golden.Scores[b], Dr(b), _golden.Beta))),
            Linear.Flat(_golden.Table("logged", "clipped_dr_gradient")),
            "clipped DR");
    }

    [Test]
    public void Exact_gradient_agrees_with_finite_differences()
    {
        // δ = 1e-5: the third derivative of R is below Π|x||β|³-sized terms, about 1e3 here, so δ²/6 · 1e3 ≈ 2e-8; the
        // ragged case has R ≈ 1e-7 and its derivatives scale with R.
        double[,] numeric = Objective.FiniteDifferences(
            _golden.Contexts, _golden.Theta, _golden.Beta, _golden.Rewards);
        double[] expected = Linear.Flat(_golden.Table("exact", "gradient"));
        double largest = expected.Max(Math.Abs);
        Close.Values(
            Linear.Flat(numeric), expected, absolute: (1e-7 * largest) + 1e-10 * largest, relative: 1e-7, "gradient");
    }

    private double[,] Batch(Func<int, double[]> one) =>
        Linear.BatchGradient(_golden.Contexts, [.. Enumerable.Range(0, _golden.Batch).Select(one)]);

    private double[,] GradientAt(double[] theta)
    {
        double[,] table = new double[_golden.Dimensions, _golden.Dimensions];
        Buffer.BlockCopy(theta, 0, table, 0, theta.Length * sizeof(double));
        return Batch(b => Estimates.Exact(
            Linear.Scores(Linear.Project(Linear.Row(_golden.Contexts, b), table), _golden.Beta),
            _golden.Rewards[b],
            _golden.Beta));
    }

    private void AssertGradient(string key, Func<int, double[]> one) =>
        AssertClose(Linear.Flat(Batch(one)), Linear.Flat(_golden.Table(key, "gradient")), $"{key} gradient");

    private static void AssertClose(double[] actual, double[] expected, string what) =>
        Close.Values(actual, expected, Relative * expected.Max(Math.Abs), Relative, what);
}
