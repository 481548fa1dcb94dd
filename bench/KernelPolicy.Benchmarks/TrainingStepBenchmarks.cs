using BenchmarkDotNet.Attributes;
using KernelPolicy.Data;
using KernelPolicy.Index;
using KernelPolicy.Kernels;
using KernelPolicy.Policy;

namespace KernelPolicy.Benchmarks;

/// <summary>
/// One training step of every estimator over catalogues of 10,000 to 1,000,000 items, L = 100, B = 32, S = 1000, K = 256,
/// the mixture with the exact scan: REINFORCE is the baseline of the ratios.
/// </summary>
[MemoryDiagnoser]
public class TrainingStepBenchmarks
{
    private const int BatchSize = 32;
    private const int Contexts = 4096;

    private readonly int[] _contexts = new int[BatchSize];
    private WorkerTeam _team = null!;
    private SyntheticWorkload _workload = null!;
    private ExactIndex _index = null!;
    private Matrix _theta = null!;
    private IGradientEstimator _estimator = null!;
    private TrainingStep _step = null!;
    private long _number;

    [Params(10_000, 100_000, 1_000_000)]
    public int Items { get; set; }

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
        _step.Dispose();
        _estimator.Dispose();
        _theta.Dispose();
        _index.Dispose();
        _workload.Dispose();
        _team.Dispose();
    }

    [Benchmark(Baseline = true)]
    public void Reinforce() => Step();

    [Benchmark]
    public void Exact() => Step();

    [Benchmark]
    public void Uniform() => Step();

    [Benchmark]
    public void Mixture() => Step();

    [Benchmark]
    public void Strata() => Step();

    private void SetUp(EstimatorOptions options)
    {
        _team = new WorkerTeam(Environment.ProcessorCount);
        _workload = SyntheticWorkload.Create(
            Items, dimension: 100, contexts: Contexts, historyLength: 20, rewardedPerContext: 20, seed: 1, _team);
        TrainingProblem problem = TrainingProblem.SessionCompletion(_workload.Items, _workload.Histories, _workload.Rewarded);
        _index = new ExactIndex(_workload.Items);
        _theta = Theta.Initialise(100, ThetaInitialisation.Identity, 0, seed: 1);
        _estimator = GradientEstimators.Create(
            options, new EstimatorSetting(_workload.Items, problem.Rewards, BatchSize, Seed: 1, _team), _index);
        _step = new TrainingStep(problem, _estimator, _theta, BatchSize, new AdamOptions(), _team);
    }

    private void Step()
    {
        for (int i = 0; i < BatchSize; i++)
            _contexts[i] = (int)(((_number * BatchSize) + i) % Contexts);
        _step.Run(_contexts, _number++, learningRate: 1e-4);
    }
}
