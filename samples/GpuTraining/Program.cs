// Trains on a device and compares the result with the processor's own kernels.
//
//     dotnet run -c Release --project samples/GpuTraining               CUDA, else OpenCL, else ILGPU's emulator on a tiny problem
//     dotnet run -c Release --project samples/GpuTraining -- OpenCl     that kind, or an error that says why there is none
//
// Prints which devices there are and why others are not usable, which one is taken, and for both ways of training the time of a step and
// the reward on test users; then how far the two Θ are apart. Draws are the same everywhere, sums are rounded in another order.
using KernelPolicy.Data;
using KernelPolicy.DeviceTraining;
using KernelPolicy.Index;
using KernelPolicy.Kernels;
using KernelPolicy.Kernels.Ilgpu;
using KernelPolicy.Policy;

IReadOnlyList<AcceleratorInfo> found = Accelerators.List();
foreach (AcceleratorInfo info in found)
    Console.WriteLine($"{info.Kind}: {info.Name ?? "no device"}{(info.Available ? "" : $", not usable: {info.Reason}")}");

// In the order of the list: CUDA, OpenCL, the emulator, which is always there and never fast.
AcceleratorKind kind = args.Length > 0
    ? Enum.Parse<AcceleratorKind>(args[0], ignoreCase: true)
    : found.First(info => info.Available).Kind;
using ComputeDevice device = ComputeDevice.Open(kind);
bool isEmulated = kind == AcceleratorKind.CpuEmulator;
Console.WriteLine($"taken: {device.Name}{(device.IsProcessor ? ", which is the processor" : "")}{(isEmulated ? ", on a tiny problem" : "")}");

SyntheticOptions shape = isEmulated
    ? new() { Users = 20, Items = 40, Clusters = 4, MeanDraws = 10 }
    : new() { Users = 5000, Items = 20_000 };
Interactions log = SyntheticInteractions.Generate(shape).Interactions;
SessionSplit split = SessionSplit.Create(log, seed: 1, new SplitOptions { TrainFraction = 0.8, ValidationFraction = 0 });
using WorkerTeam team = new(Environment.ProcessorCount);
using Matrix items = TruncatedSvd.Compute(
    split.Train.Histories, log.ItemCount, new SvdOptions { Rank = isEmulated ? 4 : 64, Seed = 1 }, team).ItemFactors;
using ExactIndex index = new(items);
TrainingProblem train = TrainingProblem.SessionCompletion(items, split.Train.Histories, split.Train.Rewarded);
TrainingProblem test = TrainingProblem.SessionCompletion(items, split.Test.Histories, split.Test.Rewarded);
using PolicyEvaluator evaluator = new(test, team);
TrainingOptions options = new()
{
    Epochs = isEmulated ? 1 : 4, BatchSize = isEmulated ? 8 : 32, LearningRate = new LearningRate(1e-3), Seed = 1,
};
StrataOptions strata = isEmulated ? new(TopK: 4, Tail: 8) : new(TopK: 64, Tail: 128);

// On the processor: the trainer makes its own steps of an estimator.
EstimatorSetting setting = new(items, train.Rewards, options.BatchSize, options.Seed, team);
using IGradientEstimator estimator = GradientEstimators.Create(strata, setting, index);
using Trainer onProcessor = new(train, estimator, options, team);
Console.WriteLine($"reward before: {evaluator.Reward(onProcessor.Query, index):F4}");
Train(onProcessor);

// On the device: β, Θ, Adam, histories and rewards live there, and it scans for the top K. Index = index asks one on the host.
using DeviceTrainingSteps steps = new(device, train, strata, DeviceTrainingOptions.Of(options), team);
using Trainer onDevice = new(train, steps, options, team);
Train(onDevice);

// From the identity, where both began.
double apart = 0, moved = 0;
for (int row = 0; row < items.Columns; row++)
{
    ReadOnlySpan<float> a = onProcessor.Theta.Row(row), b = onDevice.Theta.Row(row);
    for (int column = 0; column < a.Length; column++)
    {
        apart = Math.Max(apart, Math.Abs(a[column] - b[column]));
        moved = Math.Max(moved, Math.Abs(a[column] - (row == column ? 1 : 0)));
    }
}

Console.WriteLine($"largest difference of a number of Θ: {apart:E1}, where training moved them by up to {moved:E1}");

void Train(Trainer trainer)
{
    TrainingResult result = trainer.Run();
    double reward = evaluator.Reward(trainer.Query, index);
    double milliseconds = 1e3 * result.TrainSeconds / result.Steps;
    Console.WriteLine($"{trainer.Runner}: {milliseconds:F2} ms a step, {result.Steps} steps, reward {reward:F4}");
}
