using KernelPolicy.Index;
using KernelPolicy.Kernels;
using KernelPolicy.Policy;
using KernelPolicy.Tests.Support;
using KernelPolicy.Tests.Training;
using NUnit.Framework;

namespace KernelPolicy.Tests.Items;

/// <summary>Trainings in which items learn: the same at any number of threads and after any stop.</summary>
public sealed class ItemTrainingTests
{
    private static readonly TrainingOptions Options = new() { Epochs = 3, BatchSize = 16, LearningRate = new LearningRate(0.02) };

    private static readonly TestCaseData[] Cases =
    [
        new(new CorrectedItems(), new ExactOptions(), false),
        new(new CorrectedItems(3), new StrataOptions(8, 16), false),
        new(new LearnedItems(0.1), new ExactOptions(), false),
        new(new LearnedItems(0.1, true), new MixtureOptions(64, 16, 0.5), false),
        new(new LearnedItems(0.1, true), new StrataOptions(8, 16, Control: false), false),
        new(new LearnedItems(1, true), new StrataOptions(8, 16, Control: false), true),
    ];

    private string _folder = "";

    [SetUp]
    public void MakeFolder() => _folder = Directory.CreateTempSubdirectory("kernelpolicy-items").FullName;

    [TearDown]
    public void RemoveFolder() => Directory.Delete(_folder, recursive: true);

    [TestCaseSource(nameof(Cases))]
    public void Tables_are_the_same_at_any_number_of_threads(ItemLearning items, EstimatorOptions estimator, bool graph)
    {
        float[][] one = Train(Options with { Items = items }, estimator, graph, threads: 1);
        float[][] three = Train(Options with { Items = items }, estimator, graph, threads: 3);
        Assert.That(three, Is.EqualTo(one));
    }

    [TestCaseSource(nameof(Cases))]
    public void Stopped_and_resumed_it_gives_the_same_tables(ItemLearning items, EstimatorOptions estimator, bool graph)
    {
        TrainingOptions options = Options with { Items = items, Patience = 50 };
        float[][] whole = Train(options, estimator, graph);
        foreach (int epochs in new[] { 1, 2 })
        {
            string path = Path.Combine(_folder, $"checkpoint{epochs}");
            TrainingOptions saving = options with { CheckpointPath = path };
            Train(saving with { Epochs = epochs }, estimator, graph);
            Assert.That(Train(saving, estimator, graph, resume: path), Is.EqualTo(whole), $"stopped after epoch {epochs}");
        }
    }

    [TestCaseSource(nameof(Cases))]
    public void Cancelled_within_an_epoch_and_resumed_it_gives_the_same_tables(ItemLearning items, EstimatorOptions estimator, bool graph)
    {
        TrainingOptions options = Options with { Items = items, AuditEverySteps = 3 };
        float[][] whole = Train(options, estimator, graph);
        string path = Path.Combine(_folder, "checkpoint");
        using (SmallProblem problem = new())
        {
            using CancellationTokenSource stop = new();
            Assert.Throws<OperationCanceledException>(
                () => Train(problem, options with { CheckpointPath = path }, estimator, graph, resume: null, stop));
        }

        Assert.That(Train(options, estimator, graph, resume: path), Is.EqualTo(whole));
    }

    [Test]
    public void A_checkpoint_of_frozen_items_is_not_gone_on_with()
    {
        string path = Path.Combine(_folder, "checkpoint");
        Train(Options with { Epochs = 1, CheckpointPath = path }, new ExactOptions(), graph: false);
        InvalidDataException error = Assert.Throws<InvalidDataException>(
            () => Train(Options with { Items = new CorrectedItems() }, new ExactOptions(), graph: false, resume: path))!;
        Assert.That(error.Message, Does.Contain("/items=corrected:r=0+b:rate=1"));
    }

    [Test]
    public void A_graph_that_items_outgrow_is_built_anew()
    {
        using SmallProblem problem = new();
        TrainingOptions options = Options with { Items = new LearnedItems(3), AuditQueries = 64, RecallBound = 1 };
        (TrainingResult result, _) = Train(problem, options, new StrataOptions(8, 16, Control: false), graph: true, resume: null);
        Assert.That(result.Audits.Select(audit => audit.Check.Action), Has.Some.EqualTo(GuardAction.Rebuilt));
    }

    private static float[][] Train(TrainingOptions options, EstimatorOptions estimator, bool graph, int threads = 2, string? resume = null)
    {
        using SmallProblem problem = new(threads);
        return Train(problem, options, estimator, graph, resume).Tables;
    }

    private static (TrainingResult Result, float[][] Tables) Train(
        SmallProblem problem, TrainingOptions options, EstimatorOptions estimator, bool graph, string? resume,
        CancellationTokenSource? stopAfter14 = null)
    {
        using IMipsIndex index = graph
            ? new RebuildingIndex(problem.Factors, new HnswOptions { M = 8, EfSearch = 8, Metric = HnswMetric.NormAugmented }, problem.Team, 1)
            : new ExactIndex(problem.Factors);
        using IGradientEstimator made = GradientEstimators.Create(
            estimator,
            new EstimatorSetting(problem.Factors, problem.Train.Rewards, options.BatchSize, options.Seed, problem.Team)
            {
                Coefficients = options.Items is LearnedItems ? new CoefficientTable(options.BatchSize) : null,
            },
            index);
        using StopAfter method = new(made, 14, stopAfter14);
        using Matrix theta = new(SmallProblem.Dimension, SmallProblem.Dimension);
        using TrainingStep steps = new(
            problem.Train, method, theta, options.BatchSize, options.Adam, problem.Team, options.Items, options.Seed);
        using Trainer trainer = new(problem.Train, steps, options, problem.Team, problem.Validation, index);
        if (resume is not null)
            trainer.Resume(resume);
        TrainingResult result = trainer.Run(cancellation: stopAfter14?.Token ?? default);
        float[][] tables =
        [
            ItemCase.MatrixValues(trainer.Theta), ItemCase.MatrixValues(trainer.Query.Theta),
            .. steps.Tables.SelectMany(table => new[] { table.Values, table.FirstMoment, table.SecondMoment }).Select(ItemCase.MatrixValues),
        ];
        return (result, tables);
    }
}
