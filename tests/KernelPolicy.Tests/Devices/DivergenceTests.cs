using KernelPolicy.DeviceTraining;
using KernelPolicy.Policy;
using KernelPolicy.Tests.Estimators;
using NUnit.Framework;

namespace KernelPolicy.Tests.Devices;

/// <summary>What is no longer finite is heard of when steps are collected, with the step and the tensor.</summary>
[TestFixtureSource(typeof(DevicePaths), nameof(DevicePaths.Devices))]
public sealed class DivergenceTests(DevicePath path) : DeviceFixture(path)
{
    private static IEnumerable<EstimatorOptions> Estimators => EstimatorKinds.OnDevices;

    [Test]
    public void An_infinite_learning_rate([ValueSource(nameof(Estimators))] EstimatorOptions estimator)
    {
        NotEmulated(estimator is not UniformOptions);
        using StepProblem problem = new(40, 5);
        using DeviceTrainingSteps steps = problem.OnDevice(Device, estimator);
        StepProblem.Step(steps, 0);
        StepProblem.Step(steps, 1);
        StepProblem.Step(steps, 2, double.PositiveInfinity);
        StepProblem.Step(steps, 3);
        TrainingDivergedException error = Assert.Throws<TrainingDivergedException>(() => steps.Collect())!;
        Assert.That((error.Step, error.Tensor), Is.EqualTo((2L, "Θ")));
        Assert.That(steps.Collect().Batches, Is.Zero, "said once");

        problem.Begin(steps);
        StepProblem.Step(steps, 0);
        Assert.That(steps.Collect().Batches, Is.EqualTo(1), "mended by a push");
    }

    /// <summary>Every item is drawn, or is in the sum, so that the one is met.</summary>
    [Test]
    public void An_item_that_is_no_number_leaves_the_tables_alone(
        [ValueSource(nameof(Estimators))] EstimatorOptions estimator, [Values(float.NaN, float.PositiveInfinity)] float value)
    {
        NotEmulated(float.IsInfinity(value));
        using StepProblem problem = new(7, 5);
        problem.Items.Row(3)[1] = value;
        using DeviceTrainingSteps steps = problem.OnDevice(Device, estimator);
        float[] before = StepProblem.Values(problem.First);
        for (int number = 0; number < (IsEmulated ? 1 : 3); number++)
            StepProblem.Step(steps, number);
        TrainingDivergedException error = Assert.Throws<TrainingDivergedException>(() => steps.Collect())!;
        Assert.That((error.Step, error.Tensor), Is.EqualTo((0L, "gradient of Θ")));
        Assert.That(StepProblem.Theta(steps), Is.EqualTo(before));
        Assert.That(StepProblem.Values(steps.FirstMoment), Is.All.Zero);
        Assert.That(StepProblem.Values(steps.SecondMoment), Is.All.Zero);
    }

    [Test]
    public void Steps_before_the_gradient_failed_are_kept()
    {
        using StepProblem problem = new(40, 5);
        using DeviceTrainingSteps steps = problem.OnDevice(Device, new UniformOptions(32));
        StepProblem.Step(steps, 0);
        float[] good = StepProblem.Theta(steps);
        for (int row = 0; row < 5; row++)
            steps.Theta.Row(row)[0] = float.MaxValue;
        steps.Push();
        StepProblem.Step(steps, 1);
        StepProblem.Step(steps, 2);
        TrainingDivergedException error = Assert.Throws<TrainingDivergedException>(() => steps.Collect())!;
        Assert.That((error.Step, error.Tensor), Is.EqualTo((1L, "gradient of Θ")));
        float[] left = StepProblem.Theta(steps);
        Assert.That(left.Where((_, i) => i % 5 == 0), Is.All.EqualTo(float.MaxValue));
        Assert.That(left.Where((_, i) => i % 5 != 0), Is.EqualTo(good.Where((_, i) => i % 5 != 0)));
    }
}
