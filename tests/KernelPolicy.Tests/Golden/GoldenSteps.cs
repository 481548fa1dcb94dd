using KernelPolicy.Kernels;
using KernelPolicy.Policy;
using KernelPolicy.Tests.Reference;
using KernelPolicy.Tests.Support;
using NUnit.Framework;

namespace KernelPolicy.Tests.Golden;

/// <summary>
/// Ten steps of training on the exact gradient, and how far single precision may end from them. Worst-case bounds say little
/// here, since Adam divides small gradients by their own size. What one rounding costs is measured instead: the reference
/// itself, from inputs rounded to single precision, ends e away from the golden Θ. A step rounds some dozens of times; 30·e
/// are allowed, and Adam's own 150u·α a step and u|Θ| (see AdamTests).
/// </summary>
internal sealed class GoldenSteps : IDisposable
{
    private readonly Matrix _items;
    private readonly Matrix _contexts;
    private readonly double[] _rounding;

    public GoldenSteps(GoldenCase golden)
    {
        Case = golden;
        _items = Seeded.Narrow(golden.Beta);
        _contexts = Seeded.Narrow(golden.Contexts);
        Expected = golden.Tables("adam", "theta_after_each_step");
        Rate = golden.Number("adam", "learning_rate");
        Options = new AdamOptions(
            golden.Number("adam", "beta1"), golden.Number("adam", "beta2"), golden.Number("adam", "epsilon"),
            golden.Number("adam", "weight_decay"));
        Problem = new TrainingProblem(
            _items, new DenseContexts(_contexts),
            new SessionReward(SparseRows.FromLists([.. golden.RewardedItems.Select(y => y.Order().ToArray())])));
        _rounding = RoundingOfInputs();
        Assert.That(30 * _rounding[^1], Is.LessThan(0.001), "a small part of the way, ten steps of 0.05");
    }

    public GoldenCase Case { get; }

    public TrainingProblem Problem { get; }

    public AdamOptions Options { get; }

    public double Rate { get; }

    /// <summary>Θ after each step.</summary>
    public double[][,] Expected { get; }

    public WorkerTeam Team { get; } = new(2);

    /// <summary>Compares Θ after step <paramref name="t"/>, from 1.</summary>
    public void AssertTheta(Matrix theta, int t, string what) => Close.Values(
        Linear.Flat(Seeded.Wide(theta)), Linear.Flat(Expected[t - 1]),
        (30 * _rounding[t - 1]) + (t * 150 * Close.SingleUnit * Rate), t * Close.SingleUnit, $"{what}: Θ after step {t}");

    public void Dispose()
    {
        _items.Dispose();
        _contexts.Dispose();
        Team.Dispose();
    }

    /// <summary>How far the reference with inputs rounded to single precision is from the golden Θ after each step.</summary>
    private double[] RoundingOfInputs()
    {
        using Matrix start = Seeded.Narrow(Case.Theta);
        double[,] items = Seeded.Wide(_items), contexts = Seeded.Wide(_contexts), theta = Seeded.Wide(start);
        AdamSteps adam = new(theta.Length, Options.Beta1, Options.Beta2, Options.Epsilon, Options.WeightDecay);
        double[] distances = new double[Expected.Length];
        for (int t = 0; t < Expected.Length; t++)
        {
            double[] parameters = Linear.Flat(theta);
            adam.Ascend(
                parameters,
                Linear.Flat(Linear.BatchGradient(contexts, [.. Enumerable.Range(0, Case.Batch).Select(b => Estimates.Exact(
                    Linear.Scores(Linear.Project(Linear.Row(contexts, b), theta), items), Case.Rewards[b], items))])),
                Rate);
            Buffer.BlockCopy(parameters, 0, theta, 0, parameters.Length * sizeof(double));
            distances[t] = parameters.Zip(Linear.Flat(Expected[t]), (x, y) => Math.Abs(x - y)).Max();
        }

        return distances;
    }
}
