// Trains a policy on a CSV of your own and recommends by item id.
//
//     dotnet run -c Release --project samples/TrainOnCsv                            on a CSV that it writes first
//     dotnet run -c Release --project samples/TrainOnCsv -- ratings.csv             with columns named like user_id, movieId
//     dotnet run -c Release --project samples/TrainOnCsv -- ratings.csv 318 296     and recommends to who had these
//
// Prints what was read, the reward on validation users after each epoch, the reward on test users before and after the training beside
// that of the most popular item, the file of the policy, and five recommendations.
using KernelPolicy.Data;
using KernelPolicy.Index;
using KernelPolicy.Kernels;
using KernelPolicy.Policy;

string file = args.Length > 0 ? args[0] : WriteExample();
Interactions log = InteractionReader.Read([file], new InteractionOptions { MinUserInteractions = 5 });
Console.WriteLine($"{file}: {log.Count:N0} interactions, {log.UserCount:N0} users, {log.ItemCount:N0} items ({log.Report.Source})");

// Users are split 80/10/10. Each one's items are halved by chance into a history X and hidden items Y.
SessionSplit split = SessionSplit.Create(log, seed: 1);
using WorkerTeam team = new(Environment.ProcessorCount);

// β [P, L] comes from the training users' histories. A context is the mean of β over X; an item earns 1 where it is in Y.
SparseRows matrix = TrainingMatrix.Build(split.Train, EmbeddingSource.Histories);
using Matrix items = TruncatedSvd.Compute(matrix, log.ItemCount, new SvdOptions { Rank = 32, Seed = 1 }, team).ItemFactors;
TrainingProblem train = Problem(split.Train), validation = Problem(split.Validation), test = Problem(split.Test);

// It scans all items. For hundreds of thousands of them take new GuardedIndex(HnswIndex.Build(items, null, team)).
using ExactIndex index = new(items);
TrainingOptions options = new() { Epochs = 6, LearningRate = new LearningRate(1e-3), Seed = 1 };
EstimatorSetting setting = new(items, train.Rewards, options.BatchSize, options.Seed, team);
using IGradientEstimator estimator = GradientEstimators.Create(new StrataOptions(TopK: 64, Tail: 128), setting, index);
using Trainer trainer = new(train, estimator, options, team, validation, index);
using PolicyEvaluator evaluator = new(test, team);
double before = evaluator.Reward(trainer.Query, index);
trainer.Run(new EpochLines());
double after = evaluator.Reward(trainer.Query, index);
int[] popularity = PopularityBaseline.Count(
    TrainingMatrix.Build(split.Train, EmbeddingSource.HistoriesAndRewarded), log.ItemCount);
double popular = PopularityBaseline.Reward(popularity, split.Test.Histories, test.Rewards);
Console.WriteLine($"reward on {split.Test.Count:N0} test users: {before:F4} before, {after:F4} after; the most popular item {popular:F4}");

// Not disposed: its tables belong to the trainer and to us.
SoftmaxPolicy policy = new(trainer.Theta, items, log.ItemIds, new Dictionary<string, string> { ["data"] = Path.GetFileName(file) });
string saved = Path.ChangeExtension(file, ".policy");
PolicyFile.Save(saved, policy);
Console.WriteLine($"policy: {saved}");

string[] had = args.Length > 1 ? args[1..] : [.. split.Test.Histories[0].ToArray().Take(3).Select(item => log.ItemIds[item])];
List<int> history = [];
foreach (string id in had)
{
    if (!policy.TryFind(id, out int item))
    {
        Console.Error.WriteLine($"{file} has no item {id}, or it was left out with its users.");
        return 1;
    }

    history.Add(item);
}

Console.WriteLine($"who had {string.Join(", ", had)} may like:");
foreach (Recommendation item in policy.Recommend(SparseRows.FromLists([history]), 5, excludeHistory: true, index, team)[0])
    Console.WriteLine($"  {item.Id}  {item.Score:F3}");
return 0;

TrainingProblem Problem(SplitPart part) => TrainingProblem.SessionCompletion(items, part.Histories, part.Rewarded);

static string WriteExample()
{
    Interactions drawn = SyntheticInteractions.Generate(new SyntheticOptions { Users = 2000, Items = 3000, Clusters = 20 }).Interactions;
    string path = Path.Combine(Directory.CreateTempSubdirectory("kernelpolicy-").FullName, "ratings.csv");
    using StreamWriter writer = new(path);
    writer.WriteLine("user_id,item_id");
    for (int user = 0; user < drawn.UserCount; user++)
    {
        foreach (int item in drawn.UserItems[user])
            writer.WriteLine($"{drawn.UserIds[user]},{drawn.ItemIds[item]}");
    }

    return path;
}

/// <summary>A line an epoch, written by the thread that trains: <see cref="Progress{T}"/> would write it later, from another.</summary>
internal sealed class EpochLines : IProgress<TrainingProgress>
{
    public void Report(TrainingProgress value)
    {
        if (value.Completed is { } epoch)
            Console.WriteLine($"epoch {epoch.Epoch}: validation reward {epoch.ValidationReward:F4}, {epoch.Seconds:F2} s");
    }
}
