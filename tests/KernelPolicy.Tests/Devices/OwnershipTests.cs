using System.Runtime.ExceptionServices;
using KernelPolicy.DeviceTraining;
using KernelPolicy.Kernels.Ilgpu;
using KernelPolicy.Policy;
using KernelPolicy.Tests.Estimators;
using KernelPolicy.Tests.Support;
using NUnit.Framework;

namespace KernelPolicy.Tests.Devices;

/// <summary>Who may use a device, what a training takes of it, and what a step costs besides its kernels.</summary>
[TestFixtureSource(typeof(DevicePaths), nameof(DevicePaths.Devices))]
public sealed class OwnershipTests(DevicePath path) : DeviceFixture(path)
{
    private static IEnumerable<EstimatorOptions> Estimators => EstimatorKinds.OnDevices;

    // Launches of a step, as the launchers document them: contexts, projection, notes, ascent; and those of the method.
    private static IEnumerable<TestCaseData> LaunchesOfMethods =>
    [
        new(new UniformOptions(48), 2 + 2),
        new(new MixtureOptions(48, 20, 0.5), 2 + 4 + 1 + 2),
        new(new MixtureOptions(48, 20, 0.5, Kernels.MixtureSampler.Iid), 2 + 4 + 1 + 2),
        new(new ExactOptions(), 2 + 2 + 1),
        new(new ReinforceOptions(48), 2 + 2 + 2 + 2),
        new(new ReinforceOptions(48, Baseline: true), 2 + 2 + 2 + 2),
        new(new StrataOptions(20, 48), 2 + 4 + 5),
        new(new StrataOptions(20, 48, TailSharing.Context, Control: false), 2 + 4 + 5),
        new(new StrataOptions(0, 48), 2 + 5),
    ];

    [Test]
    public void A_second_thread_is_refused_while_one_is_at_work()
    {
        using StepProblem problem = new(40, 5);
        using DeviceTrainingSteps steps = problem.OnDevice(Device, new UniformOptions(32));
        long launches = Device.Launches;
        using (Device.Use())
        {
            string message = Elsewhere(() => Assert.Throws<InvalidOperationException>(() => StepProblem.Step(steps, 0))!.Message);
            Assert.That(message, Does.Contain(Device.Name).And.Contain("another thread"));
            Elsewhere(() => Assert.Throws<InvalidOperationException>(() => steps.Collect()));
            Elsewhere(() => Assert.Throws<InvalidOperationException>(() => problem.OnDevice(Device, new ExactOptions())));
            StepProblem.Step(steps, 0);
        }

        Assert.That(steps.Collect().Batches, Is.EqualTo(1));
        Assert.That(Device.Launches, Is.GreaterThan(launches));
    }

    [Test]
    public void Work_may_move_from_thread_to_thread()
    {
        using StepProblem problem = new(40, 5);
        using DeviceTrainingSteps here = problem.OnDevice(Device, new UniformOptions(32)), moving = problem.OnDevice(Device, new UniformOptions(32));
        for (int number = 0; number < (IsEmulated ? 2 : 4); number++)
        {
            int step = number;
            StepProblem.Step(here, step);
            if (step % 2 == 0)
                StepProblem.Step(moving, step);
            else
                Elsewhere(() => StepProblem.Step(moving, step));
        }

        float[] moved = Elsewhere(() => StepProblem.Theta(moving));
        Assert.That(moved, Is.EqualTo(StepProblem.Theta(here)));
    }

    [Test]
    public void What_a_training_took_is_returned([ValueSource(nameof(Estimators))] EstimatorOptions estimator, [Values] bool isSparse)
    {
        using StepProblem problem = new(40, 5, isSparse);
        using (DeviceTrainingSteps steps = problem.OnDevice(Device, estimator, ItemPrecision.Half))
            Assert.That(Device.ReservedBytes, Is.Positive);
        Assert.That(Device.ReservedBytes, Is.Zero);
    }

    /// <summary>Wherever the memory ends: room is made for one part more from trial to trial.</summary>
    [Test]
    public void What_a_training_took_is_returned_where_it_does_not_fit([ValueSource(nameof(Estimators))] EstimatorOptions estimator, [Values] bool isSparse)
    {
        using StepProblem problem = new(40, 5, isSparse);
        long needed;
        using (problem.OnDevice(Device, estimator))
            needed = Device.ReservedBytes;
        long room = 0;
        int refusals = 0;
        while (room < needed)
        {
            long taken = Device.MemoryBytes - room;
            Device.Reserve(taken);
            try
            {
                DeviceMemoryException error = Assert.Throws<DeviceMemoryException>(() => problem.OnDevice(Device, estimator))!;
                Assert.That(Device.ReservedBytes, Is.EqualTo(taken), $"with room for {room} bytes");
                Assert.That(error.RequestedBytes, Is.GreaterThan(error.AvailableBytes));
                refusals++;
                room += error.RequestedBytes - error.AvailableBytes;
            }
            finally
            {
                Device.Release(taken);
            }
        }

        Assert.That(room, Is.EqualTo(needed));
        Assert.That(refusals, Is.GreaterThan(15), "parts that may find no room");
    }

    [Test]
    public void What_a_training_took_is_returned_where_it_is_refused()
    {
        using StepProblem problem = new(5000, 2);
        Assert.That(
            () => problem.OnDevice(Device, new MixtureOptions(32, 4097)),
            Throws.ArgumentException.With.Message.Contains("4096"));
        problem.Items.Row(0)[0] = 1e6f;
        Assert.That(() => problem.OnDevice(Device, new ExactOptions(), ItemPrecision.Half), Throws.ArgumentException.With.Message.Contains("Item 0 "));
        Assert.That(Device.ReservedBytes, Is.Zero);
    }

    [TestCaseSource(nameof(LaunchesOfMethods))]
    public void A_step_is_so_many_launches_and_copies_nothing(EstimatorOptions estimator, int launches)
    {
        using StepProblem problem = new(40, 5);
        using DeviceTrainingSteps steps = problem.OnDevice(Device, estimator);
        (long Launches, long Up, long Down) before = (Device.Launches, Device.UploadedBytes, Device.DownloadedBytes);
        int count = IsEmulated ? 1 : 3;
        for (int number = 0; number < count; number++)
            StepProblem.Step(steps, number);
        Assert.That(
            (Device.Launches - before.Launches, Device.UploadedBytes - before.Up, Device.DownloadedBytes - before.Down),
            Is.EqualTo(((long)count * launches, 0L, 0L)));
        steps.Collect();
    }

    /// <summary>Draws go to the host, four bytes each, and as many come back as rewards, with strata those of the head as well; for the
    /// exact gradient all rewards go one way.</summary>
    [Test]
    public void Rewards_of_the_host_are_copied_once_each_way([ValueSource(nameof(Estimators))] EstimatorOptions estimator)
    {
        using StepProblem problem = new(40, 5, isSparse: false);
        using DeviceTrainingSteps steps = problem.OnDevice(Device, estimator);
        (long Up, long Down) before = (Device.UploadedBytes, Device.DownloadedBytes);
        StepProblem.Step(steps, 0);
        int items = estimator switch
        {
            ExactOptions => 40,
            StrataOptions strata => strata.TopK + Math.Min(strata.Tail, 40),
            _ => 48,
        };
        long draws = StepProblem.Batch * items * sizeof(float);
        Assert.That(
            (Device.UploadedBytes - before.Up, Device.DownloadedBytes - before.Down), Is.EqualTo((draws, estimator is ExactOptions ? 0 : draws)));
        steps.Collect();
    }

    /// <summary>Nothing allocated means nothing compiled, too. ILGPU's emulator allocates at each launch, and its copies allocate
    /// 80 bytes each: a step copies nothing where rewards are on the device.</summary>
    [Test]
    public void Steps_allocate_nothing([ValueSource(nameof(Estimators))] EstimatorOptions estimator)
    {
        if (IsEmulated)
            Assert.Ignore("ILGPU's emulator itself allocates at each launch.");
        using StepProblem problem = new(40, 5);
        using DeviceTrainingSteps steps = problem.OnDevice(Device, estimator);
        int number = 0;
        Allocations.AssertNone(() => StepProblem.Step(steps, number++ % 3, 1e-5));
        steps.Collect();
    }

    private static void Elsewhere(Action action) => Elsewhere(() =>
    {
        action();
        return true;
    });

    private static T Elsewhere<T>(Func<T> action)
    {
        T result = default!;
        ExceptionDispatchInfo? fault = null;
        Thread thread = new(() =>
        {
            try
            {
                result = action();
            }
            catch (Exception e)
            {
                fault = ExceptionDispatchInfo.Capture(e);
            }
        });
        thread.Start();
        thread.Join();
        fault?.Throw();
        return result;
    }
}
