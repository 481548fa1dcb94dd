using KernelPolicy.Kernels;
using KernelPolicy.Policy;
using KernelPolicy.Tests.Estimators;
using KernelPolicy.Tests.Reference;
using KernelPolicy.Tests.Support;
using NUnit.Framework;

namespace KernelPolicy.Tests.Propensities;

/// <summary>Propensities fitted to a log that a known softmax policy made.</summary>
public sealed class PropensityModelTests
{
    private const int P = 60;
    private const int N = 4000;
    private const int L = 4;

    private Matrix _items = null!;
    private Matrix _contexts = null!;
    private Matrix _truth = null!;
    private WorkerTeam _team = null!;
    private int[] _actions = null!;
    private double[] _true = null!;
    private double[] _rewards = null!;

    [OneTimeSetUp]
    public void MakeLog()
    {
        (_items, _contexts, _truth, _team) = (Seeded.Matrix(1, P, L), Seeded.Matrix(2, N, L), Seeded.Matrix(3, L, L, 0.4), new WorkerTeam(2));
        double[,] beta = Seeded.Wide(_items), theta = Seeded.Wide(_truth);
        Random random = new(4);
        (_actions, _true, _rewards) = (new int[N], new double[N], [.. Enumerable.Range(0, N).Select(i => i % 3 - 1.0)]);
        for (int i = 0; i < N; i++)
        {
            double[] pi = Softmax.Weights(Linear.Scores(Linear.Project(Seeded.Wide(_contexts.Row(i)), theta), beta));
            double left = random.NextDouble();
            int a = 0;
            while (a < P - 1 && left >= pi[a])
                left -= pi[a++];
            (_actions[i], _true[i]) = (a, pi[a]);
        }
    }

    [OneTimeTearDown]
    public void FreeTables()
    {
        _items.Dispose();
        _contexts.Dispose();
        _truth.Dispose();
        _team.Dispose();
    }

    /// <summary>
    /// The likelihood at its largest exceeds that of the truth, twice the difference over the log being χ² of L² = 16 degrees of
    /// freedom (Wilks): 16 ± 4.5·√32 bounds it above at some 42/2N. Training stops short of the largest by as much at most.
    /// </summary>
    [Test]
    public void The_truth_is_found(
        [ValueSource(typeof(EstimatorKinds), nameof(EstimatorKinds.All))] EstimatorOptions estimator)
    {
        if (estimator is not (ExactOptions or UniformOptions))
            return;
        PropensityModelOptions options = new() { Estimator = estimator is UniformOptions ? new UniformOptions(256) : estimator };
        using FittedPropensities fitted = PropensityModel.Fit(_items, new DenseContexts(_contexts), _actions, _rewards, _team, options);
        double truth = _true.Average(Math.Log);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(fitted.LogLikelihood - truth, Is.InRange(-42.0 / (2 * N), 42.0 / (2 * N)));
            Assert.That(truth, Is.GreaterThan(-Math.Log(P) + 0.2), "the truth is far from uniform");
            Assert.That(fitted.Log.Origin, Is.EqualTo(PropensityOrigin.Fitted));
            Assert.That(fitted.Log.Actions.ToArray(), Is.EqualTo(_actions));
            Assert.That(fitted.Log.Rewards.ToArray(), Is.EqualTo(_rewards));
            Assert.That((fitted.Log.Catalogue, fitted.Log.Count), Is.EqualTo((P, N)));
        }
    }

    /// <summary>A score is off by γ of its sizes, ln Z by as much and γ_P: 1e-5 of p is far more.</summary>
    [Test]
    public void Propensities_are_those_of_theta_raised_to_the_floor([Values(0.01, 1)] double share)
    {
        PropensityModelOptions options = new() { FloorShare = share };
        using FittedPropensities fitted = PropensityModel.Fit(_items, new DenseContexts(_contexts), _actions, _rewards, _team, options);
        double[,] beta = Seeded.Wide(_items), theta = Seeded.Wide(fitted.Theta);
        double[] pi = [.. Enumerable.Range(0, N).Select(
            i => Softmax.Weights(Linear.Scores(Linear.Project(Seeded.Wide(_contexts.Row(i)), theta), beta))[_actions[i]])];
        Assert.That(fitted.Floor, Is.EqualTo(share / P));
        Close.Values(fitted.Log.Propensities.ToArray(), [.. pi.Select(p => Math.Max(fitted.Floor, p))], 0, 1e-5, "propensities");
        Assert.That(fitted.RowsAtFloor, Is.EqualTo(pi.Count(p => p < fitted.Floor)).Within(1));
        Assert.That(fitted.LogLikelihood, Is.EqualTo(pi.Average(Math.Log)).Within(1e-5));
        Assert.That(fitted.RowsAtFloor, share == 1 ? Is.GreaterThan(100) : Is.LessThan(100));
    }

    /// <summary>A fit that corrects the query: propensities are those of all that it learned, and a biased policy is evaluated
    /// by the same.</summary>
    [Test]
    public void A_learned_correction_is_part_of_the_fit([Values(0, 2)] int rank)
    {
        PropensityModelOptions usual = new() { FloorShare = 1e-6 };
        PropensityModelOptions options = usual with { Training = usual.Training with { Items = new CorrectedItems { Rank = rank, Bias = true } } };
        using FittedPropensities fitted = PropensityModel.Fit(_items, new DenseContexts(_contexts), _actions, _rewards, _team, options);
        double[,] beta = Seeded.Wide(_items), theta = Seeded.Wide(fitted.Theta);
        double[] bias = Seeded.Wide(fitted.Bias!.Row(0));
        double[] pi = [.. Enumerable.Range(0, N).Select(i => Softmax.Weights(Linear.Scores(
            [.. Linear.Project(Seeded.Wide(_contexts.Row(i)), theta).Zip(bias, (h, b) => h + b)], beta))[_actions[i]])];
        Close.Values(fitted.Log.Propensities.ToArray(), [.. pi.Select(p => Math.Max(fitted.Floor, p))], 0, 1e-5, "propensities");
        Assert.That(bias.Max(Math.Abs), Is.GreaterThan(1e-3), "a bias was learned");
        using ExactProbabilities again = new(fitted.Query, _items, new DenseContexts(_contexts));
        ProbabilityBatch batch = new(again.BatchSize);
        int[] first = [.. Enumerable.Range(0, again.BatchSize)];
        again.Fill(first, _actions.AsSpan(0, first.Length), null, batch, _team);
        Close.Values(batch.LogProbabilities, [.. first.Select(i => Math.Log(pi[i]))], 1e-5, 0, "ln π₀");
    }

    [Test]
    public void The_same_at_any_number_of_threads()
    {
        double[] Run(int threads)
        {
            using WorkerTeam team = new(threads);
            PropensityModelOptions options = new() { Estimator = new UniformOptions(64) };
            using FittedPropensities fitted = PropensityModel.Fit(_items, new DenseContexts(_contexts), _actions, _rewards, team, options);
            return fitted.Log.Propensities.ToArray();
        }

        Assert.That(Run(3), Is.EqualTo(Run(1)));
    }

    [Test]
    public void What_does_not_fit_is_refused()
    {
        DenseContexts contexts = new(_contexts);
        int[] strange = [.. _actions];
        strange[17] = P;
        double[] infinite = [.. _rewards];
        infinite[18] = double.PositiveInfinity;
        void Fit(int[]? actions = null, double[]? rewards = null, PropensityModelOptions? options = null) =>
            PropensityModel.Fit(_items, contexts, actions ?? _actions, rewards ?? _rewards, _team, options).Dispose();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(() => Fit(strange), Throws.ArgumentException.With.Message.Contains("row 17").And.Message.Contains("60"));
            Assert.That(() => Fit(rewards: infinite), Throws.ArgumentException.With.Message.Contains("row 18"));
            Assert.That(() => Fit(rewards: [1, 2]), Throws.ArgumentException);
            Assert.That(() => Fit(_actions[..5], _rewards[..5]), Throws.ArgumentException, "fewer rows than contexts");
            Assert.That(() => Fit([], []), Throws.ArgumentException);
            Assert.That(() => Fit(options: new() { Estimator = new ReinforceOptions() }), Throws.ArgumentException.With.Message.Contains("REINFORCE"));
            foreach (double share in new[] { 0, -1, 1.5, double.NaN })
            {
                Assert.That(
                    () => Fit(options: new() { FloorShare = share }),
                    Throws.InstanceOf<ArgumentOutOfRangeException>().With.Property("ActualValue").EqualTo(share));
            }
        }
    }
}
