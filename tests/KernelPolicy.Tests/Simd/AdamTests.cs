using KernelPolicy.Kernels;
using KernelPolicy.Tests.Reference;
using KernelPolicy.Tests.Support;
using NUnit.Framework;

namespace KernelPolicy.Tests.Simd;

[NonParallelizable]
public class AdamTests
{
    private const int Steps = 10;
    private const double Rate = 0.01;

    /// <summary>Ten steps on gradients that are given, against the formulas.</summary>
    /// <remarks>
    /// A moment takes some 4 roundings a step: m is off by 4t·u·max|d|, v by the share 4t·u. √v̂ is at least max|d|/√t
    /// nearly, so m̂/√v̂ is off by 4t^1.5·u + 2t·u, below 150u at t = 10, and Θ, after ten such steps and ten roundings of
    /// its own, by 10·(150u·α + u·|Θ|).
    /// </remarks>
    [TestCase(0.0)]
    [TestCase(0.01)]
    public void Ten_steps_of_all_widths_of_table(double decay)
    {
        using WorkerTeam team = new(2);
        for (int columns = 1; columns <= 50; columns++)
        {
            int rows = 1 + (columns % 7);
            using Matrix start = Seeded.Matrix(columns, rows, columns);
            Widths.Each(width => Check(start, decay, team, $"width {width}, [{rows}, {columns}]"));
        }
    }

    [Test]
    public void Tables_of_several_pieces()
    {
        using Matrix start = Seeded.Matrix(5, 300, 257);
        using WorkerTeam team = new(2);
        Widths.Each(width => Check(start, 1e-3, team, $"width {width}"));
    }

    [Test]
    public void The_same_bits_at_any_number_of_threads() => Widths.Each(_ =>
    {
        double[,] Run(int threads)
        {
            using WorkerTeam team = new(threads);
            using Matrix theta = Seeded.Matrix(1, 400, 200), gradient = Seeded.Matrix(2, 400, 200);
            using Adam adam = new(400, 200, new AdamOptions());
            for (int t = 1; t <= 3; t++)
                adam.Step(theta, gradient, Rate, t, team);
            return Seeded.Wide(theta);
        }

        double[,] one = Run(1);
        Assert.That(Run(2), Is.EqualTo(one));
        Assert.That(Run(3), Is.EqualTo(one));
    });

    [Test]
    public void It_ascends()
    {
        using WorkerTeam team = new(1);
        using Matrix theta = new(1, 2), gradient = new(1, 2);
        using Adam adam = new(1, 2, new AdamOptions());
        gradient.Row(0)[0] = 3;
        gradient.Row(0)[1] = -1e-3f;
        adam.Step(theta, gradient, Rate, 1, team);

        // The first step is α·sign(∂J), short of it by ε/|∂J|.
        Close.Values(theta.Row(0), [Rate, -Rate], Rate * ((1e-8 / 1e-3) + 1e-6), 0, "Θ");
    }

    [Test]
    public void A_gradient_of_zero_moves_nothing()
    {
        using WorkerTeam team = new(1);
        using Matrix theta = Seeded.Matrix(1, 3, 5), gradient = new(3, 5);
        double[,] before = Seeded.Wide(theta);
        using Adam adam = new(3, 5, new AdamOptions());
        adam.Step(theta, gradient, Rate, 1, team);
        Assert.That(Seeded.Wide(theta), Is.EqualTo(before));
    }

    /// <summary>An ε that is accepted must do its work in single precision too.</summary>
    [Test]
    public void The_smallest_epsilon_that_is_accepted_keeps_numbers_finite()
    {
        using WorkerTeam team = new(1);
        using Matrix theta = new(1, 3), gradient = new(1, 3);
        AdamOptions options = new(Epsilon: 1e-60);
        try
        {
            options.Validate();
        }
        catch (ArgumentOutOfRangeException)
        {
            Assert.Pass("It is refused.");
        }

        using Adam adam = new(1, 3, options);
        adam.Step(theta, gradient, Rate, 1, team);
        Assert.That(theta.PaddedRow(0).ToArray(), Is.All.Zero);
    }

    [Test]
    public void What_is_no_number_shows()
    {
        using WorkerTeam team = new(1);
        using Matrix theta = new(1, 3), gradient = new(1, 3);
        gradient.Row(0)[1] = float.NaN;
        using Adam adam = new(1, 3, new AdamOptions());
        adam.Step(theta, gradient, Rate, 1, team);
        Assert.That(theta.Row(0).ToArray(), Is.EqualTo(new[] { 0, float.NaN, 0 }));
    }

    [Test]
    public void Shapes_and_steps_that_do_not_fit_are_refused()
    {
        using WorkerTeam team = new(1);
        using Matrix right = new(3, 4), wide = new(3, 5), tall = new(4, 4);
        using Adam adam = new(3, 4, new AdamOptions());
        Assert.That(() => adam.Step(wide, wide, Rate, 1, team), Throws.ArgumentException.With.Message.Contains("[3, 5]"));
        Assert.That(() => adam.Step(tall, tall, Rate, 1, team), Throws.ArgumentException);
        Assert.That(() => adam.Step(right, wide, Rate, 1, team), Throws.ArgumentException);
        Assert.That(() => adam.Step(right, right, Rate, 0, team), Throws.InstanceOf<ArgumentException>());
    }

    [TestCase(-0.1, 0.999, 1e-8, 0)]
    [TestCase(1, 0.999, 1e-8, 0)]
    [TestCase(double.NaN, 0.999, 1e-8, 0)]
    [TestCase(0.9, -0.1, 1e-8, 0)]
    [TestCase(0.9, 1, 1e-8, 0)]
    [TestCase(0.9, 0.999, 0, 0)]
    [TestCase(0.9, 0.999, double.NaN, 0)]
    [TestCase(0.9, 0.999, double.PositiveInfinity, 0)]
    [TestCase(0.9, 0.999, 1e-8, -1)]
    [TestCase(0.9, 0.999, 1e-8, double.NaN)]
    public void Constants_out_of_range_are_refused(double beta1, double beta2, double epsilon, double decay) =>
        Assert.That(
            () => new Adam(2, 2, new AdamOptions(beta1, beta2, epsilon, decay)), Throws.TypeOf<ArgumentOutOfRangeException>());

    private static void Check(Matrix start, double decay, WorkerTeam team, string what)
    {
        int rows = (int)start.Rows, columns = start.Columns;
        using MatrixView theta = MatrixView.Guarded(start);
        using Adam adam = new(rows, columns, new AdamOptions(WeightDecay: decay));
        AdamSteps reference = new(rows * columns, 0.9, 0.999, 1e-8, decay);
        double[] expected = Linear.Flat(Seeded.Wide(start));
        double[] largest = new double[expected.Length];
        for (int t = 1; t <= Steps; t++)
        {
            using Matrix plain = Seeded.Matrix(100 + t, rows, columns);
            using MatrixView gradient = MatrixView.Guarded(plain, atStart: t % 2 == 0);
            double[] wide = Linear.Flat(Seeded.Wide(plain));
            for (int i = 0; i < wide.Length; i++)
                largest[i] = Math.Max(largest[i], Math.Abs(wide[i]) + (decay * Math.Abs(expected[i])));
            reference.Ascend(expected, wide, Rate);
            adam.Step(theta.Table, gradient.Table, Rate, t, team);
        }

        const double Unit = Close.SingleUnit;
        Close.Within(
            Linear.Flat(Seeded.Wide(adam.FirstMoment)), reference.FirstMoment,
            [.. largest.Select(d => 4 * Steps * Unit * d)], $"{what}: m");
        Close.Values(
            Linear.Flat(Seeded.Wide(adam.SecondMoment)), reference.SecondMoment, 0, 4 * Steps * Unit, $"{what}: v");
        Close.Values(
            Linear.Flat(Seeded.Wide(theta.Table)), expected, Steps * 150 * Unit * Rate, Steps * Unit, $"{what}: Θ");
        Assert.That(theta.Table.PaddedRow(rows - 1)[columns..].IndexOfAnyExcept(0f), Is.EqualTo(-1), "padding");
    }
}
