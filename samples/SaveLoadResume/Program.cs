// Stops a training midway and resumes it; saves a policy and an index, and loads them.
//
//     dotnet run -c Release --project samples/SaveLoadResume              files in a temporary folder
//     dotnet run -c Release --project samples/SaveLoadResume -- FOLDER    files in this one
//
// Prints after which step the training was cancelled and went on, whether Θ is that of a training that was never stopped, bit for bit,
// whether policy and index come back from their files as they were, and what a damaged file is met with. Exit code 1 where anything
// differs.
using System.Runtime.InteropServices;
using KernelPolicy.Data;
using KernelPolicy.Index;
using KernelPolicy.Kernels;
using KernelPolicy.Policy;

string folder = args.Length > 0 ? Directory.CreateDirectory(args[0]).FullName : Directory.CreateTempSubdirectory("kernelpolicy-").FullName;
string checkpoint = Path.Combine(folder, "checkpoint.kp");
Interactions log = SyntheticInteractions.Generate(new SyntheticOptions { Users = 3000, Items = 5000, Clusters = 20 }).Interactions;
SessionSplit split = SessionSplit.Create(log, seed: 1);
using WorkerTeam team = new(Environment.ProcessorCount);
using Matrix items = TruncatedSvd.Compute(split.Train.Histories, log.ItemCount, new SvdOptions { Rank = 32, Seed = 1 }, team).ItemFactors;
TrainingProblem problem = TrainingProblem.SessionCompletion(items, split.Train.Histories, split.Train.Rewarded);
using ExactIndex scan = new(items);

// A checkpoint is written after each epoch and at a cancellation; that of every 20 steps is for a power cut.
TrainingOptions options = new()
{
    Epochs = 4, LearningRate = new LearningRate(1e-3), Seed = 1, CheckpointPath = checkpoint, CheckpointEverySteps = 20,
};

using Matrix whole = Train(options with { CheckpointPath = null });
using Halfway halfway = new();
Train(options, halfway).Dispose();

// Another process would do the same from here, with the same data and options: anything else is refused.
using Matrix resumed = Train(options, resume: true);
bool isSame = Check("Θ of the resumed training is that of the whole one, bit for bit", SameBits(whole, resumed));

// Not disposed: its tables are ours.
SoftmaxPolicy policy = new(whole, items, log.ItemIds, new Dictionary<string, string> { ["seed"] = "1" });
string policyFile = Path.Combine(folder, "policy.kp");
PolicyFile.Save(policyFile, policy);
using SoftmaxPolicy loaded = PolicyFile.Load(policyFile);
isSame &= Check(
    "the policy comes back, bit for bit, with its ids",
    SameBits(loaded.Theta, whole) && SameBits(loaded.Items, items) && loaded.ItemIds.SequenceEqual(log.ItemIds));

// The file of an index is without its items, which the policy's file holds: it is loaded for these and no others.
string indexFile = Path.Combine(folder, "index.kp");
using HnswIndex built = HnswIndex.Build(items, new HnswOptions { Seed = 1 }, team);
built.Save(indexFile);
using HnswIndex opened = HnswIndex.Load(indexFile, loaded.Items);
var before = policy.Recommend(split.Test.Histories, 10, excludeHistory: true, built, team);
var after = loaded.Recommend(split.Test.Histories, 10, excludeHistory: true, opened, team);
isSame &= Check(
    $"the index comes back: 10 recommendations to each of {after.Count} users, with their scores",
    before.Zip(after).All(pair => pair.First.SequenceEqual(pair.Second)));

byte[] bytes = File.ReadAllBytes(policyFile);
bytes[bytes.Length / 2] ^= 1;
string damaged = Path.Combine(folder, "damaged.kp");
File.WriteAllBytes(damaged, bytes);
bool isRefused = false;
try
{
    PolicyFile.Load(damaged).Dispose();
}
catch (InvalidDataException e)
{
    isRefused = true;
    Console.WriteLine(e.Message);
}

isSame &= Check("a file with one bit turned is refused", isRefused);
Console.WriteLine($"files: {folder}");
return isSame ? 0 : 1;

Matrix Train(TrainingOptions how, Halfway? stop = null, bool resume = false)
{
    EstimatorSetting setting = new(items, problem.Rewards, how.BatchSize, how.Seed, team);
    using IGradientEstimator estimator = GradientEstimators.Create(new StrataOptions(TopK: 64, Tail: 128), setting, scan);
    using Trainer trainer = new(problem, estimator, how, team);
    if (resume)
        trainer.Resume(checkpoint);
    long first = trainer.StepsDone;
    try
    {
        trainer.Run(stop, stop?.Token ?? CancellationToken.None);
        Console.WriteLine($"trained from step {first} to the end, step {trainer.StepsDone}");
    }
    catch (OperationCanceledException)
    {
        Console.WriteLine($"cancelled after step {trainer.StepsDone}; checkpoint of {new FileInfo(checkpoint).Length:N0} bytes");
    }

    // Θ is the trainer's and goes with it.
    Matrix theta = new(trainer.Theta.Rows, trainer.Theta.Columns);
    theta.CopyFrom(trainer.Theta);
    return theta;
}

static bool SameBits(Matrix a, Matrix b) => a.Rows == b.Rows && Enumerable.Range(0, (int)a.Rows).All(
    row => MemoryMarshal.AsBytes(a.Row(row)).SequenceEqual(MemoryMarshal.AsBytes(b.Row(row))));

static bool Check(string what, bool holds)
{
    Console.WriteLine($"{(holds ? "yes" : "NO")}: {what}");
    return holds;
}

/// <summary>Cancels once half of the steps are done: at the next report, which comes every tenth of a second and after each epoch. A
/// program of yours would cancel by Console.CancelKeyPress.</summary>
internal sealed class Halfway : IProgress<TrainingProgress>, IDisposable
{
    private readonly CancellationTokenSource _stop = new();

    public CancellationToken Token => _stop.Token;

    public void Report(TrainingProgress value)
    {
        if (value.Step >= value.TotalSteps / 2)
            _stop.Cancel();
    }

    public void Dispose() => _stop.Dispose();
}
