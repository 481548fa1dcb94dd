// Trains on a log of decisions with propensities, by two rewards, and estimates what the policies are worth before they are let loose.
//
//     dotnet run -c Release --project samples/BanditLog                             on a log that it writes first
//     dotnet run -c Release --project samples/BanditLog -- log.csv [items.csv]      on columns action, reward, propensity, feature_*
//
// items.csv has a column of item ids and columns of features; without it each item is a feature of its own. Prints for the logging
// policy, the uniform policy and both trained ones what the test decisions say of their value, by several estimators, each with its 95 %
// interval, and the evaluator's warnings: believe no value without them.
using System.Globalization;
using KernelPolicy.Data;
using KernelPolicy.Index;
using KernelPolicy.Kernels;
using KernelPolicy.Policy;

string[] files = args.Length > 0 ? args : WriteExample();
using BanditLog log = BanditLogReader.Read([files[0]]);
if (!log.HasPropensities || log.Features is null)
{
    // PropensityModel fits missing propensities; a context may be a history as well: new HistoryContexts(log.Histories, items).
    Console.Error.WriteLine($"{files[0]}: this sample needs propensities and features ({log.Report.Source}).");
    return 1;
}

BanditSplit split = BanditSplit.BySeed(log, seed: 1, new SplitOptions { TrainFraction = 0.7, ValidationFraction = 0 });
using BanditLog train = log.Take(split.Train), test = log.Take(split.Test);
Console.WriteLine($"{files[0]}: {train.Count:N0} decisions to train on, {test.Count:N0} to evaluate on, {log.ItemCount:N0} items");

// Θ is [L, L]: contexts and items get columns of zeros up to the wider of both.
using ItemFeatures features = files.Length > 1 ? ItemFeatures.Read(files[1], log.ItemIds) : ItemFeatures.OneHot(log.ItemCount);
int dimension = ContextPadding.CommonDimension(log.Features, features.Values);
using Matrix items = ContextPadding.Pad(features.Values, dimension);
using Matrix trainContexts = ContextPadding.Pad(train.Features!, dimension);
using Matrix testContexts = ContextPadding.Pad(test.Features!, dimension);
LoggedFeedback trainFeedback = Feedback(train), testFeedback = Feedback(test);
using WorkerTeam team = new(Environment.ProcessorCount);
using ExactIndex index = new(items);

// A model of the reward, each decision's made from the others.
IRewardModel trainModel = Model(trainContexts, trainFeedback);
OffPolicyOptions evaluation = new() { Model = new ModelledReward(Model(testContexts, testFeedback)), Seed = 1 };

using (UniformPolicy uniform = new(test.Count, log.ItemCount))
    Report("uniform policy", uniform);
Train("trained by IPS", new LoggedReward(trainFeedback, PropensityWeighting.Inverse));
Train("trained by doubly robust", new DoublyRobustReward(trainFeedback, trainModel, PropensityWeighting.Inverse));
return 0;

static LoggedFeedback Feedback(BanditLog part) => new(part.Actions, part.Propensities, part.Rewards, part.ItemCount);

IRewardModel Model(Matrix contexts, LoggedFeedback feedback) => CrossFittedRewardModel.Fit(
    5,
    fold => RidgeRewardModel.Fit(items, new DenseContexts(contexts), feedback, new RewardModelOptions { LeaveOut = fold }));

void Train(string name, IRewardSource rewards)
{
    // From a policy that is nearly uniform: there is nothing to unlearn.
    TrainingOptions options = new()
    {
        Epochs = 6, LearningRate = new LearningRate(1e-2), Initialisation = ThetaInitialisation.Normal, Seed = 1,
    };
    EstimatorSetting setting = new(items, rewards, options.BatchSize, options.Seed, team);
    using IGradientEstimator estimator = GradientEstimators.Create(new StrataOptions(TopK: 64, Tail: 128), setting, index);
    using Trainer trainer = new(
        new TrainingProblem(items, new DenseContexts(trainContexts), rewards), estimator, options, team);
    trainer.Run();

    // Above some 100,000 items EstimatedProbabilities asks an index instead of passing over all of them.
    using ExactProbabilities policy = new(trainer.Query, items, new DenseContexts(testContexts));
    Report(name, policy);
}

void Report(string name, IPolicyProbabilities policy)
{
    OffPolicyReport report = OffPolicyEvaluator.Evaluate(testFeedback, policy, team, evaluation);
    Console.WriteLine($"\n{name}: effective sample size {report.Weights.EffectiveSampleSize:N0} of {report.Rows:N0}");
    foreach (ValueEstimate estimate in report.Estimates)
    {
        ConfidenceInterval interval = estimate.Bootstrap ?? estimate.Interval;
        Console.WriteLine($"  {estimate.Estimator,-20}{estimate.Value,9:F4}   {interval.Lower:F4} to {interval.Upper:F4}");
    }

    foreach (EvaluationWarning warning in report.Warnings)
        Console.WriteLine($"  warning: {warning.Text}");
}

// A log with 100 items, 10,000 decisions and 8 features, and the features of its items. Contexts begin with a column of ones, and the
// models of the reward multiply column l of a context by column l of an item: so items have one, too.
static string[] WriteExample()
{
    using SyntheticBandit bandit = SyntheticBandit.Create();
    using BanditLog drawn = bandit.Draw(10_000, seed: 1).Log;
    string folder = Directory.CreateTempSubdirectory("kernelpolicy-").FullName;
    string[] paths = [Path.Combine(folder, "log.csv"), Path.Combine(folder, "items.csv")];
    BanditLogWriter.Write(drawn, paths[0]);
    using StreamWriter writer = new(paths[1]);
    writer.WriteLine("item_id,one," + string.Join(',', Enumerable.Range(0, bandit.Items.Columns).Select(i => $"feature_{i}")));
    for (int item = 0; item < bandit.ItemCount; item++)
    {
        var values = bandit.Items.Row(item).ToArray().Select(value => value.ToString(CultureInfo.InvariantCulture));
        writer.WriteLine($"{drawn.ItemIds[item]},1,{string.Join(',', values)}");
    }

    return paths;
}
