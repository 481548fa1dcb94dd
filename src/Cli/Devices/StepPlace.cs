using System.Diagnostics.CodeAnalysis;
using KernelPolicy.Cli.Display;
using KernelPolicy.Cli.Options;
using KernelPolicy.Cli.Ranks;
using KernelPolicy.DeviceTraining;
using KernelPolicy.Distributed;
using KernelPolicy.Index;
using KernelPolicy.Kernels;
using KernelPolicy.Kernels.Ilgpu;
using KernelPolicy.Policy;

namespace KernelPolicy.Cli.Devices;

/// <summary>The place where steps run: the processor, or a device that is open as long as this is.</summary>
internal sealed class StepPlace : IDisposable
{
    private readonly DeviceChoice _choice;

    private StepPlace(DeviceChoice choice, DeviceDecision decision, ComputeDevice? device) =>
        (_choice, Decision, Device) = (choice, decision, device);

    /// <summary>What was asked for.</summary>
    public string Asked => _choice.Kind;

    /// <summary>What was taken, and why.</summary>
    public DeviceDecision Decision { get; }

    /// <summary>The device; null for the processor by its own kernels.</summary>
    public ComputeDevice? Device { get; }

    /// <summary>Opens the place that was asked for, and no other.</summary>
    /// <param name="choice">What was asked for.</param>
    /// <param name="objective">What the steps are to make large. Another than the expected reward only the processor can.</param>
    /// <param name="progress">Told what was taken.</param>
    /// <exception cref="DeviceUnavailableException">It is not there.</exception>
    /// <exception cref="NotSupportedException">A device is asked for that cannot make the objective large.</exception>
    /// <exception cref="ArgumentException">Half precision is asked for where there is no device.</exception>
    [RequiresDynamicCode("ILGPU compiles kernels and their launchers while the program runs.")]
    public static StepPlace Open(DeviceChoice choice, TrainingObjective objective, IRunProgress progress)
    {
        progress.Begin("device");
        DeviceDecision decision = choice.Kind == DeviceChoice.Auto && !objective.IsDefault
            ? new DeviceDecision(DeviceChoice.Simd, "auto takes the processor: devices maximise the expected reward only")
            : DeviceDecision.Of(choice, Accelerators.List);
        // Heard of now, not after minutes of reading.
        if (decision.Kind is not null)
            new DeviceTrainingOptions { Objective = objective }.Validate();
        if (decision.Kind is null && choice.Precision == ItemPrecision.Half)
            throw new ArgumentException($"--item-precision half is for devices, and simd would be taken: {decision.Reason}.");
        ComputeDevice? device = decision.Kind is { } kind ? ComputeDevice.Open(kind) : null;
        progress.End($"{decision.Device}; {decision.Reason}");
        return new StepPlace(choice, decision, device);
    }

    /// <summary>How a training here finds its top K.</summary>
    /// <param name="index">What was asked for.</param>
    /// <param name="items">Items that are searched at once.</param>
    /// <param name="dimension">L.</param>
    /// <param name="estimator">Whether steps ask for a top K, and which.</param>
    public TopKPlan Plan(IndexChoice index, long items, int dimension, EstimatorOptions estimator) =>
        TopKPlan.For(index, items, dimension, estimator, TopKPlan.RunnerOf(Device));

    /// <summary>Makes the steps of a training here.</summary>
    /// <param name="problem">Contexts, rewards and items.</param>
    /// <param name="estimator">How gradients are estimated.</param>
    /// <param name="objective">What is made large.</param>
    /// <param name="training">Batch size, constants of Adam and seed.</param>
    /// <param name="plan">How the top K is found.</param>
    /// <param name="index">The index on the host; null where nothing asks it.</param>
    /// <param name="team">Threads to use.</param>
    /// <param name="progress">Told what runs the steps; compiling a device's kernels takes seconds.</param>
    /// <param name="ranks">The ranks that the training is spread over; null for a training by itself.</param>
    [RequiresDynamicCode("ILGPU compiles kernels and their launchers while the program runs.")]
    public PlacedSteps Prepare(
        TrainingProblem problem, EstimatorOptions estimator, TrainingObjective objective, TrainingOptions training, TopKPlan plan,
        IMipsIndex? index, WorkerTeam team, IRunProgress progress, TrainingRanks? ranks = null)
    {
        if (Device is not null && training.Items is not FrozenItems)
            throw new ArgumentException("--items lets items learn on the processor alone: ask for --device simd, or for --items frozen.");
        progress.Begin("kernels");
        PlacedSteps placed = Device is null
            ? OnProcessor(problem, estimator, objective, training, index, team, ranks)
            : new PlacedSteps(new DeviceTrainingSteps(
                Device,
                problem,
                estimator,
                DeviceTrainingOptions.Of(training) with
                {
                    Precision = _choice.Precision,
                    Index = plan.IsOnDevice ? null : index,
                    Objective = objective,
                },
                team));
        progress.End(placed.Steps.Runner + (plan.Words is { } words ? $"; {words}" : ""));
        return placed;
    }

    /// <summary>Makes the steps of a training whose items lie in shards: on the processor.</summary>
    /// <param name="problem">Contexts, rewards, and the items' shape.</param>
    /// <param name="options">How gradients are estimated.</param>
    /// <param name="objective">What is made large.</param>
    /// <param name="training">Batch size, constants of Adam and seed.</param>
    /// <param name="shards">The items of this rank.</param>
    /// <param name="ownIndex">The index over them.</param>
    /// <param name="team">Threads to use.</param>
    /// <exception cref="ArgumentException">It is asked for what shards cannot do.</exception>
    public static PlacedSteps PrepareShard(
        TrainingProblem problem, EstimatorOptions options, TrainingObjective objective, TrainingOptions training, SpreadItems shards,
        IMipsIndex ownIndex, WorkerTeam team)
    {
        if (options is not StrataOptions strata)
            throw new ArgumentException("--spread items needs --estimator strata, whose sums add up over shards.");
        if (!objective.IsDefault)
            throw new ArgumentException("--spread items makes the expected reward large, and no other objective.");
        ShardedStrataEstimator estimator = shards.Estimator(problem, strata, training.BatchSize, training.Seed, ownIndex);
        Matrix theta = new(problem.Contexts.Dimension, problem.Items.Columns);
        return new PlacedSteps(
            new TrainingStep(problem, estimator, theta, training.BatchSize, training.Adam, team, training.Items, training.Seed), theta, estimator);
    }

    /// <inheritdoc/>
    public void Dispose() => Device?.Dispose();

    private static PlacedSteps OnProcessor(
        TrainingProblem problem, EstimatorOptions options, TrainingObjective objective, TrainingOptions training, IMipsIndex? index,
        WorkerTeam team, TrainingRanks? ranks)
    {
        int batchSize = checked(training.BatchSize * problem.Shares.Own.Count);
        IGradientEstimator estimator = GradientEstimators.Create(
            options,
            new EstimatorSetting(problem.Items, problem.Rewards, batchSize, training.Seed, team)
            {
                Objective = objective,
                Coefficients = training.Items is LearnedItems ? new CoefficientTable(batchSize) : null,
            },
            options.NeedsIndex ? index : null);
        Matrix theta = new(problem.Contexts.Dimension, problem.Items.Columns);
        return new PlacedSteps(
            new TrainingStep(
                problem, estimator, theta, batchSize, training.Adam, team, training.Items, training.Seed,
                ranks?.Heads(estimator, training.Items) ?? HeadTiming.SameStep, ranks?.Join(theta.Columns)),
            theta,
            estimator);
    }
}

/// <summary>Steps with what was made for them alone.</summary>
/// <param name="steps">The steps.</param>
/// <param name="beneath">What they stand on.</param>
internal sealed class PlacedSteps(ITrainingSteps steps, params IDisposable[] beneath) : IDisposable
{
    /// <summary>The steps.</summary>
    public ITrainingSteps Steps => steps;

    /// <inheritdoc/>
    public void Dispose()
    {
        steps.Dispose();
        foreach (IDisposable part in beneath)
            part.Dispose();
    }
}
