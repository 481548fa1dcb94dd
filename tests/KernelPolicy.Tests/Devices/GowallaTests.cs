using KernelPolicy.Data;
using KernelPolicy.DeviceTraining;
using KernelPolicy.Index;
using KernelPolicy.Kernels;
using KernelPolicy.Kernels.Ilgpu;
using KernelPolicy.Policy;
using KernelPolicy.Tests.Support;
using NUnit.Framework;

namespace KernelPolicy.Tests.Devices;

/// <summary>Gowalla end to end: a training on a device and one by SIMD have the same curve. Devices of hardware only; skipped
/// where the data are absent.</summary>
/// <remarks>
/// Both make the same draws, so that they differ by rounding alone, in Θ by some 1e-5 after an epoch. A test user's
/// recommendation changes only where its two best items are nearer than that: of 3,000 users one may, and four are allowed.
/// An epoch moves the reward by ten of them and more.
/// </remarks>
[TestFixtureSource(nameof(Hardware))]
[NonParallelizable]
public sealed class GowallaTests(DevicePath path)
{
    private const int Epochs = 3;
    private const int UsersThatMayDiffer = 4;

    public static IEnumerable<TestFixtureData> Hardware =>
        DevicePaths.Devices.Where(data => !((DevicePath)data.Arguments[0]!).IsEmulated());

    private static readonly EstimatorOptions[] Methods = [new ExactOptions(), new MixtureOptions()];

    [TestCaseSource(nameof(Methods))]
    public void A_training_has_the_curve_of_SIMD(EstimatorOptions estimator)
    {
        ComputeDevice device = OpenDevices.Get(path);
        string[] files = SharedData.Files("gowalla/gowalla.train.inter.gz", "gowalla/gowalla.test.inter.gz");
        Interactions log = InteractionReader.Read(files, new InteractionOptions { MinUserInteractions = 4 });
        SessionSplit split = SessionSplit.Create(log, seed: 1);
        using var team = new WorkerTeam(Environment.ProcessorCount);
        SparseRows matrix = TrainingMatrix.Build(split.Train, EmbeddingSource.Histories);
        using Matrix items = TruncatedSvd.Compute(matrix, log.ItemCount, new SvdOptions { Rank = 64, Seed = 1 }, team).ItemFactors;
        using var index = new ExactIndex(items);
        TrainingProblem train = TrainingProblem.SessionCompletion(items, split.Train.Histories, split.Train.Rewarded);
        TrainingProblem test = TrainingProblem.SessionCompletion(items, split.Test.Histories, split.Test.Rewarded);
        var options = new TrainingOptions { Epochs = Epochs, Seed = 1, AuditQueries = 0 };
        using IGradientEstimator method = GradientEstimators.Create(
            estimator, new EstimatorSetting(items, train.Rewards, options.BatchSize, options.Seed, team), index);
        using var bySimd = new Trainer(train, method, options, team, test, index);
        using var steps = new DeviceTrainingSteps(device, train, estimator, DeviceTrainingOptions.Of(options), team);
        using var onDevice = new Trainer(train, steps, options, team, test, index);
        double[] expected = Curve(bySimd), curve = Curve(onDevice);
        TestContext.Out.WriteLine(
            $"{estimator.GetType().Name}, R_test by epoch, SIMD: {string.Join(' ', expected.Select(r => $"{r:0.0000}"))}; " +
            $"{steps.Runner}: {string.Join(' ', curve.Select(r => $"{r:0.0000}"))}");
        double allowed = UsersThatMayDiffer / (double)test.Contexts.Count;
        Assert.That(curve, Is.EqualTo(expected).Within(allowed));
        Assert.That(expected[^1] - expected[0], Is.GreaterThan(allowed), "what is compared moves by more than what is allowed");
    }

    private static double[] Curve(Trainer trainer)
    {
        TrainingResult result = trainer.Run();
        return [result.InitialValidationReward, .. result.Epochs.Select(epoch => epoch.ValidationReward)];
    }
}
