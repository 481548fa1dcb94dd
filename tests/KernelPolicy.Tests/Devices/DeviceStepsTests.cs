using KernelPolicy.DeviceTraining;
using KernelPolicy.Kernels.Ilgpu;
using KernelPolicy.Policy;
using KernelPolicy.Tests.Estimators;
using KernelPolicy.Tests.Golden;
using KernelPolicy.Tests.Support;
using NUnit.Framework;

namespace KernelPolicy.Tests.Devices;

/// <summary>Whole steps on a device: against the golden numbers, against the SIMD kernels, and against themselves.</summary>
[TestFixtureSource(typeof(DevicePaths), nameof(DevicePaths.Devices))]
public sealed class DeviceStepsTests(DevicePath path) : DeviceFixture(path)
{
    private const int Dimension = 9;

    private static IEnumerable<EstimatorOptions> Estimators => EstimatorKinds.OnDevices;

    private int Catalogue => IsEmulated ? 60 : 400;

    private int Steps => IsEmulated ? 2 : StepProblem.Steps;

    /// <summary>Tolerances are those of the SIMD kernels, see <see cref="GoldenSteps"/>.</summary>
    [TestCase("small")]
    [TestCase("ragged")]
    public void Ten_steps_of_training(string name)
    {
        using GoldenSteps golden = new(GoldenCase.Load(name));
        using DeviceTrainingSteps steps = new(
            Device, golden.Problem, new ExactOptions(),
            new DeviceTrainingOptions { BatchSize = golden.Case.Batch, Adam = golden.Options }, golden.Team);
        using Kernels.Matrix start = Seeded.Narrow(golden.Case.Theta);
        steps.Theta.CopyFrom(start);
        steps.Push();
        steps.SetOrder([.. Enumerable.Range(0, golden.Case.Batch)]);
        for (int t = 1; t <= (IsEmulated ? 2 : golden.Expected.Length); t++)
        {
            steps.Run(0, golden.Case.Batch, t - 1, golden.Rate);
            steps.Pull();
            golden.AssertTheta(steps.Theta, t, Path.ToString());
        }
    }

    /// <summary>
    /// Adam divides small gradients by their own size, so that worst-case bounds say little. What one rounding costs is
    /// measured instead: the SIMD steps, from Θ and β of which each number is off by one rounding, end e away. A step rounds
    /// some dozens of times; 30·e are allowed, and Adam's own 150u·α a step and u|Θ| (see AdamTests).
    /// </summary>
    [Test]
    public void Ten_steps_are_those_of_the_processor([ValueSource(nameof(Estimators))] EstimatorOptions estimator, [Values] bool isSparse)
    {
        NotEmulated(!isSparse);
        using StepProblem problem = new(Catalogue, Dimension, isSparse), rounded = new(Catalogue, Dimension, isSparse, Close.SingleUnit);
        (double[][] expected, StepSums sums) = problem.OnProcessor(estimator, Steps);
        (double[][] others, StepSums otherSums) = rounded.OnProcessor(estimator, Steps);
        using DeviceTrainingSteps steps = problem.OnDevice(Device, estimator);
        for (int number = 0; number < Steps; number++)
        {
            StepProblem.Step(steps, number);
            if (number is not (0 or 1 or 4 or 9))
                continue;
            double distance = expected[number].Zip(others[number], (x, y) => Math.Abs(x - y)).Max();
            Close.Values(
                StepProblem.Theta(steps), expected[number],
                (30 * distance) + ((number + 1) * 150 * Close.SingleUnit * StepProblem.Rate), (number + 1) * Close.SingleUnit,
                $"Θ after step {number}, one rounding costs {distance:G3}");
        }

        StepSums own = steps.Collect();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(own.Batches, Is.EqualTo(Steps));
            AssertSame(own.Reward, sums.Reward, otherSums.Reward, "reward");
            AssertSame(own.EffectiveSampleSize, sums.EffectiveSampleSize, otherSums.EffectiveSampleSize, "effective sample size");
            AssertSame(own.LargestWeight, sums.LargestWeight, otherSums.LargestWeight, "largest weight");
            AssertSame(own.Strata, sums.Strata, otherSums.Strata);
        }
    }

    [Test]
    public void The_same_steps_give_the_same_bits([ValueSource(nameof(Estimators))] EstimatorOptions estimator, [Values] ItemPrecision precision)
    {
        NotEmulated(precision == ItemPrecision.Half);
        using StepProblem problem = new(Catalogue, Dimension);
        float[][] thetas = [Run(), Run()];
        Assert.That(thetas[1], Is.EqualTo(thetas[0]));
        Assert.That(thetas[0], Is.All.Matches<float>(float.IsFinite));

        float[] Run()
        {
            using DeviceTrainingSteps steps = problem.OnDevice(Device, estimator, precision);
            for (int number = 0; number < (IsEmulated ? 1 : Steps); number++)
                StepProblem.Step(steps, number);
            return StepProblem.Theta(steps);
        }
    }

    [Test]
    public void Tables_of_the_host_change_with_a_pull_and_those_of_the_device_with_a_push()
    {
        using StepProblem problem = new(Catalogue, Dimension);
        using DeviceTrainingSteps steps = problem.OnDevice(Device, new ExactOptions());
        float[] first = StepProblem.Values(steps.Theta);
        StepProblem.Step(steps, 0);
        Assert.That(StepProblem.Values(steps.Theta), Is.EqualTo(first), "no pull yet");
        Assert.That(steps.Collect().Batches, Is.EqualTo(1));
        Assert.That(steps.Collect(), Is.EqualTo(new StepSums(0, 0, 0, 0, double.NaN)), "collected before");
        Assert.That(StepProblem.Values(steps.Theta), Is.EqualTo(first), "no pull yet");
        float[] moved = StepProblem.Theta(steps);
        Assert.That(moved, Is.Not.EqualTo(first));
        float[] moment = StepProblem.Values(steps.FirstMoment);
        Assert.That(moment, Has.Some.Not.Zero);

        // A push drops what was asked for, and goes on from the host: step 0 again.
        StepProblem.Step(steps, 1);
        problem.Begin(steps);
        Assert.That(steps.Collect().Batches, Is.Zero);
        StepProblem.Step(steps, 0);
        Assert.That(StepProblem.Theta(steps), Is.EqualTo(moved));
        Assert.That(StepProblem.Values(steps.FirstMoment), Is.EqualTo(moment));
        for (int row = 0; row < Dimension; row++)
            Assert.That(steps.Theta.PaddedRow(row)[Dimension..].ToArray(), Is.All.Zero, "padding");
    }

    [Test]
    public void Batches_outside_the_order_are_refused()
    {
        using StepProblem problem = new(Catalogue, Dimension);
        using DeviceTrainingSteps steps = problem.OnDevice(Device, new UniformOptions(32));
        steps.SetOrder(StepProblem.Order.AsSpan(0, 8));
        Assert.That(() => steps.Run(-1, 1, 0, 0.1), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => steps.Run(9, 1, 0, 0.1), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => steps.Run(0, 0, 0, 0.1), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => steps.Run(0, 7, 0, 0.1), Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.Contains("1 to 6"));
        Assert.That(() => steps.Run(5, 4, 0, 0.1), Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.Contains("1 to 3"));
        Assert.That(() => steps.SetOrder(new int[StepProblem.Contexts + 1]), Throws.ArgumentException);
        Assert.That(steps.Collect().Batches, Is.Zero);
    }

    [Test]
    public void Steps_say_what_they_are()
    {
        using StepProblem problem = new(Catalogue, Dimension);
        using DeviceTrainingSteps steps = problem.OnDevice(Device, new MixtureOptions(32, 8), ItemPrecision.Half);
        Assert.That(steps.EstimatorName, Is.EqualTo("mixture"));
        Assert.That(steps.Description, Does.Contain("device scan").And.EndsWith("/half"));
        Assert.That(steps.Runner, Does.Contain(Device.Name).And.Contain("half precision"));
        Assert.That(steps.Index, Is.Null);
        Assert.That(steps.RetrievedItems, Is.Zero);
        Assert.That(((ITrainingSteps)steps).IsSynchronous, Is.False);
    }

    // Counts of draws and items are whole numbers. Errors are differences of squares, in single precision where they are of β: a share
    // of 1e-3 is a thousand times what cancels of it.
    private static void AssertSame(StrataStatistics actual, StrataStatistics expected, StrataStatistics other)
    {
        Assert.That(
            (actual.Contexts, actual.TailDraws, actual.HeadItems, actual.Searched),
            Is.EqualTo((expected.Contexts, expected.TailDraws, expected.HeadItems, expected.Searched)), "counts of strata");
        AssertClose(actual.PartitionVariance, expected.PartitionVariance, other.PartitionVariance, "errors of Ẑ");
        AssertClose(actual.GradientVariance, expected.GradientVariance, other.GradientVariance, "errors of g");
        AssertClose(actual.GradientSquare, expected.GradientSquare, other.GradientSquare, "‖ĝ‖²");

        static void AssertClose(double one, double two, double rounded, string what) =>
            Assert.That(one, Is.EqualTo(two).Within((30 * Math.Abs(two - rounded)) + (1e-3 * two)), what);
    }

    private static void AssertSame(double actual, double expected, double other, string what)
    {
        if (double.IsNaN(expected))
            Assert.That(actual, Is.NaN, what);
        else
            Assert.That(actual, Is.EqualTo(expected).Within((30 * Math.Abs(expected - other)) + (64 * Close.SingleUnit * Math.Abs(expected))), what);
    }
}
