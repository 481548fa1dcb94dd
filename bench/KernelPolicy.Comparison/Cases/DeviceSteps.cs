using BenchmarkDotNet.Attributes;
using KernelPolicy.Bench;
using KernelPolicy.DeviceTraining;
using KernelPolicy.Kernels;
using KernelPolicy.Kernels.Ilgpu;
using KernelPolicy.Policy;

namespace KernelPolicy.Comparison.Cases;

/// <summary>
/// Steps on each device that this machine has, and by SIMD beside them; everywhere the top K comes from a scan, so that paths do the same.
/// REINFORCE on the same path is the baseline. 16 steps are asked for and waited for together, as trainings do.
/// </summary>
public class DeviceSteps
{
    private const int Bulk = 16;
    private const int BatchSize = 32;
    private const string Simd = "simd";

    private StepProblem _problem = null!;
    private ComputeDevice? _device;
    private IGradientEstimator? _estimator;
    private Matrix _theta = null!;
    private ITrainingSteps _steps = null!;
    private long _number;

    /// <summary>The sizes.</summary>
    public static IEnumerable<string> Catalogues => ComparedCatalogue.Names;

    /// <summary>SIMD, and kinds of devices that are usable; not the emulator, whose times say nothing.</summary>
    public static IEnumerable<string> Paths =>
    [
        Simd,
        .. Accelerators.List().Where(info => info.Available && info.Kind != AcceleratorKind.CpuEmulator).Select(info => info.Kind.ToString()).Distinct(),
    ];

    /// <summary>PxL.</summary>
    [ParamsSource(nameof(Catalogues))]
    public string Catalogue { get; set; } = "";

    /// <summary>Where steps run.</summary>
    [ParamsSource(nameof(Paths))]
    public string Path { get; set; } = "";

    [GlobalSetup(Target = nameof(Reinforce))]
    public void SetUpReinforce() => SetUp(new ReinforceOptions());

    [GlobalSetup(Target = nameof(Exact))]
    public void SetUpExact() => SetUp(new ExactOptions());

    [GlobalSetup(Target = nameof(Uniform))]
    public void SetUpUniform() => SetUp(new UniformOptions());

    [GlobalSetup(Target = nameof(Mixture))]
    public void SetUpMixture() => SetUp(new MixtureOptions());

    [GlobalSetup(Target = nameof(Strata))]
    public void SetUpStrata() => SetUp(new StrataOptions());

    [GlobalCleanup]
    public void CleanUp()
    {
        _steps.Dispose();
        _estimator?.Dispose();
        _theta.Dispose();
        _device?.Dispose();
        _problem.Dispose();
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Bulk)]
    public StepSums Reinforce() => Take();

    [Benchmark(OperationsPerInvoke = Bulk)]
    public StepSums Exact() => Take();

    [Benchmark(OperationsPerInvoke = Bulk)]
    public StepSums Uniform() => Take();

    [Benchmark(OperationsPerInvoke = Bulk)]
    public StepSums Mixture() => Take();

    [Benchmark(OperationsPerInvoke = Bulk)]
    public StepSums Strata() => Take();

    private StepSums Take()
    {
        int contexts = _problem.Training.Contexts.Count;
        for (int i = 0; i < Bulk; i++, _number++)
            _steps.Run(_number * BatchSize % contexts, BatchSize, _number, 1e-4);
        return _steps.Collect();
    }

    private void SetUp(EstimatorOptions options)
    {
        _problem = ComparedCatalogue.Parse(Catalogue).Open();
        TrainingProblem training = _problem.Training;
        _theta = Theta.Initialise(training.Items.Columns, ThetaInitialisation.Identity, 0, 1);
        if (Path == Simd)
        {
            _estimator = GradientEstimators.Create(
                options, new EstimatorSetting(training.Items, training.Rewards, BatchSize, 1, _problem.Team), _problem.Exact);
            _steps = new TrainingStep(training, _estimator, _theta, BatchSize, new AdamOptions(), _problem.Team);
        }
        else
        {
            _device = ComputeDevice.Open(Enum.Parse<AcceleratorKind>(Path));
            _steps = new DeviceTrainingSteps(_device, training, options, new DeviceTrainingOptions { BatchSize = BatchSize }, _problem.Team);
            _steps.Theta.CopyFrom(_theta);
            _steps.Push();
        }

        _steps.SetOrder([.. Enumerable.Range(0, training.Contexts.Count)]);
    }
}
