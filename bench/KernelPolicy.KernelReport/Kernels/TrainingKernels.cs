using System.Reflection;
using KernelPolicy.DeviceTraining;
using KernelPolicy.Index;
using KernelPolicy.Kernels;
using KernelPolicy.Kernels.Ilgpu;
using KernelPolicy.Policy;

namespace KernelPolicy.KernelReport.Kernels;

/// <summary>Every kernel that a training loads on a graphics processor. Nothing is listed: each kind of training is brought to
/// the emulator, which works in the same style, and the device tells what was loaded.</summary>
internal static class TrainingKernels
{
    private const int Items = 64;
    private const int Dimension = 16;
    private const int Contexts = 4;

    /// <summary>One of each kind of estimator, and of each variant that loads kernels of its own.</summary>
    public static IReadOnlyList<EstimatorOptions> Estimators { get; } =
    [
        new UniformOptions(Samples: 8), new MixtureOptions(Samples: 8, TopK: 4), new StrataOptions(TopK: 4, Tail: 8), new ExactOptions(),
        new ReinforceOptions(Samples: 8),
    ];

    /// <summary>The kernels, each once, in the order of their names.</summary>
    public static IReadOnlyList<MethodInfo> Find()
    {
        using ComputeDevice device = ComputeDevice.Open(AcceleratorKind.CpuEmulator);
        using Matrix items = new(Items, Dimension);
        using Matrix contexts = new(Contexts, Dimension);
        using var team = new WorkerTeam(1);
        using ExactIndex index = new(items);
        SparseRows rows = new([0, 1, 2, 3, 4], [0, 1, 2, 3]);

        // Contexts and rewards that live on the device, and those that the host makes: the two differ in kernels.
        TrainingProblem[] problems =
        [
            TrainingProblem.SessionCompletion(items, rows, rows),
            new TrainingProblem(items, new DenseContexts(contexts), new RewardFunction(Contexts, (_, _) => 1)),
        ];
        foreach (TrainingProblem problem in problems)
        {
            foreach (EstimatorOptions estimator in Estimators)
            {
                foreach (ItemPrecision precision in Enum.GetValues<ItemPrecision>())
                {
                    DeviceTrainingOptions options = new() { BatchSize = Contexts, Precision = precision };
                    using (new DeviceTrainingSteps(device, problem, estimator, options, team))
                    {
                    }

                    // Where the host finds the top K, the device has another part in it.
                    if (!estimator.NeedsIndex)
                        continue;
                    using (new DeviceTrainingSteps(device, problem, estimator, options with { Index = index }, team))
                    {
                    }
                }
            }
        }

        return [.. device.Kernels.OrderBy(KernelName.Of, StringComparer.Ordinal)];
    }
}
