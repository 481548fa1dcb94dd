using System.Diagnostics;
using KernelPolicy.Index;
using KernelPolicy.Policy;
using KernelPolicy.Tests.Serving;
using KernelPolicy.Tests.Training;
using NUnit.Framework;

namespace KernelPolicy.Tests.Tracing;

/// <summary>Spans of what takes long: opening a bundle, an epoch.</summary>
[NonParallelizable]
public sealed class PolicyActivitiesTests
{
    private readonly List<Activity> _activities = [];
    private ActivityListener _listener = null!;
    private string _folder = null!;

    [SetUp]
    public void Listen()
    {
        _folder = Directory.CreateTempSubdirectory("kernelpolicy-tracing-").FullName;
        _activities.Clear();
        _listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == PolicyActivities.SourceName,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = _activities.Add,
        };
        ActivitySource.AddActivityListener(_listener);
    }

    [TearDown]
    public void Stop()
    {
        _listener.Dispose();
        Directory.Delete(_folder, true);
    }

    [Test]
    public void Opening_a_bundle_is_one()
    {
        using ServingCase one = new(items: 60, dimension: 5);
        string path = Path.Combine(_folder, "a.kpolicy");
        ServingBundle.Save(path, one.Policy, one.Index);
        using Recommender recommender = Recommender.Open(path);
        recommender.Recommend(one.Context(1), new int[3], new float[3]);
        Activity opened = _activities.Single();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(opened.OperationName, Is.EqualTo(PolicyActivities.OpenBundle));
            Assert.That(opened.GetTagItem(PolicyActivities.FilePath), Is.EqualTo(path));
            Assert.That(opened.GetTagItem(PolicyActivities.Verification), Is.EqualTo("Full"));
            Assert.That(opened.GetTagItem(PolicyActivities.Items), Is.EqualTo(60L));
            Assert.That(opened.GetTagItem(PolicyActivities.Dimension), Is.EqualTo(5));
            Assert.That(opened.Status, Is.EqualTo(ActivityStatusCode.Unset));
        }
    }

    [Test]
    public void One_that_fails_says_why()
    {
        string path = Path.Combine(_folder, "a.kpolicy");
        File.WriteAllText(path, "not a bundle, but long enough to be looked at as one");
        Assert.That(() => ServingBundle.Open(path), Throws.InstanceOf<InvalidDataException>());
        Activity failed = _activities.Single();
        Assert.That(failed.Status, Is.EqualTo(ActivityStatusCode.Error));
        Assert.That(failed.StatusDescription, Does.Contain(path));
        Assert.That(failed.GetTagItem(ServingMeter.ErrorType), Is.EqualTo("System.IO.InvalidDataException"));
    }

    [Test]
    public void So_is_each_epoch([Values] bool validates)
    {
        using SmallProblem problem = new();
        TrainingOptions options = new() { Epochs = 3, BatchSize = 16 };
        using HnswIndex graph = HnswIndex.Build(problem.Factors, null, problem.Team);
        using GuardedIndex guard = new(graph);
        using IGradientEstimator estimator = problem.Estimator(new UniformOptions(64), options.BatchSize);
        using Trainer trainer = validates
            ? new Trainer(problem.Train, estimator, options, problem.Team, problem.Validation, guard)
            : new Trainer(problem.Train, estimator, options, problem.Team);
        TrainingResult result = trainer.Run();
        Assert.That(_activities.Select(activity => activity.OperationName), Is.All.EqualTo(PolicyActivities.TrainEpoch));
        Assert.That(_activities, Has.Count.EqualTo(3));
        for (int epoch = 0; epoch < 3; epoch++)
        {
            EpochResult expected = result.Epochs[epoch];
            Activity activity = _activities[epoch];
            Assert.That(activity.GetTagItem(PolicyActivities.Epoch), Is.EqualTo(epoch + 1));
            Assert.That(activity.GetTagItem(PolicyActivities.TrainingReward), Is.EqualTo(expected.TrainingReward));
            Assert.That(activity.GetTagItem(PolicyActivities.Reward), validates ? Is.EqualTo(expected.ValidationReward) : Is.Null);
            Assert.That(
                activity.GetTagItem(PolicyActivities.Recall), double.IsNaN(expected.IndexRecall) ? Is.Null : Is.EqualTo(expected.IndexRecall));
        }

        Assert.That(validates, Is.EqualTo(!double.IsNaN(result.Epochs[0].IndexRecall)), "the index that validates is audited");
    }

    [Test]
    public void A_cancelled_epoch_is_no_error()
    {
        using SmallProblem problem = new();
        TrainingOptions options = new() { Epochs = 1, BatchSize = 16 };
        using IGradientEstimator estimator = problem.Estimator(new UniformOptions(64), options.BatchSize);
        using Trainer trainer = new(problem.Train, estimator, options, problem.Team);
        Assert.That(() => trainer.Run(cancellation: new CancellationToken(true)), Throws.InstanceOf<OperationCanceledException>());
        Assert.That(_activities.Single().Status, Is.EqualTo(ActivityStatusCode.Unset));
        Assert.That(_activities[0].GetTagItem(ServingMeter.ErrorType), Is.EqualTo("System.OperationCanceledException"));
    }
}
