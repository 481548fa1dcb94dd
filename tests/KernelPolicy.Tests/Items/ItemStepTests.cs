using KernelPolicy.Index;
using KernelPolicy.Kernels;
using KernelPolicy.Policy;
using KernelPolicy.Tests.Support;
using NUnit.Framework;

namespace KernelPolicy.Tests.Items;

/// <summary>Steps in which items learn: memory, faults, and what is refused.</summary>
public sealed class ItemStepTests
{
    private static readonly ItemLearning[] Kinds =
    [
        new CorrectedItems(), new CorrectedItems(3, Bias: false), new CorrectedItems(3), new LearnedItems(), new LearnedItems(0.5, ThroughContexts: true),
    ];

    private static readonly EstimatorOptions[] Estimators =
        [new ExactOptions(), new ReinforceOptions(16), new UniformOptions(16), new MixtureOptions(16, 8, 0.5), new StrataOptions(8, 10, Control: false)];

    [Test]
    public void A_step_allocates_nothing(
        [ValueSource(nameof(Kinds))] ItemLearning items, [ValueSource(nameof(Estimators))] EstimatorOptions options, [Values(1, 2)] int threads)
    {
        using ItemCase @case = new(items, options, threads);
        int[] batch = ItemCase.Batch;
        long number = 0;
        Allocations.AssertNone(() => @case.Step.Run(number % 3 == 2 ? batch.AsSpan(0, 3) : batch, number++, 1e-3));
    }

    [Test]
    public void A_step_raises_the_objective([ValueSource(nameof(Kinds))] ItemLearning items)
    {
        using ItemCase @case = new(items);
        int[] batch = ItemCase.Batch;
        double Reward()
        {
            @case.Step.Gradient(batch, 0);
            return @case.Step.Statistics.MeanReward;
        }

        double before = Reward();
        for (int step = 0; step < 20; step++)
            @case.Step.Run(batch, step, 1e-3);
        Assert.That(Reward(), Is.GreaterThan(before));
    }

    [Test]
    public void Only_items_that_a_step_touches_move()
    {
        using ItemCase @case = new(new LearnedItems(), new StrataOptions(2, 3, Control: false));
        float[] before = ItemCase.MatrixValues(@case.Beta);
        @case.Step.Run(ItemCase.Batch.AsSpan(0, 1), 0, 1e-3);
        int[] touched = @case.Coefficients!.Items(0).ToArray();
        float[] after = ItemCase.MatrixValues(@case.Beta);
        int[] moved = [.. Enumerable.Range(0, ItemCase.Items).Where(a => !Row(before, a).SequenceEqual(Row(after, a)))];
        Assert.That(moved, Is.EquivalentTo(touched.Distinct()));
    }

    [Test]
    public void Divergence_names_the_row_of_an_item()
    {
        using ItemCase @case = new(new LearnedItems(1e42));
        TrainingDivergedException error = Assert.Throws<TrainingDivergedException>(() => @case.Step.Run(ItemCase.Batch, 0, 1e-3))!;
        Assert.That((error.Step, error.Tensor), Is.EqualTo((0L, "row 0 of β")));
    }

    [Test]
    public void Divergence_names_the_bias()
    {
        using ItemCase @case = new(new CorrectedItems(0, LearningRateRatio: 1e42));
        TrainingDivergedException error = Assert.Throws<TrainingDivergedException>(() => @case.Step.Run(ItemCase.Batch, 0, 1e-3))!;
        Assert.That(error.Tensor, Is.EqualTo("b"));
    }

    [Test]
    public void What_cannot_be_is_refused()
    {
        using ItemCase @case = new(ItemLearning.Frozen);
        EstimatorSetting setting = new(@case.Beta, @case.Problem.Rewards, 7, 1, @case.Team) { Coefficients = new CoefficientTable(7) };
        using ExactIndex exact = new(@case.Beta);
        using HnswIndex graph = HnswIndex.Build(@case.Beta, new HnswOptions { M = 4 }, @case.Team);
        using IGradientEstimator keeping = GradientEstimators.Create(new UniformOptions(8), setting);
        using IGradientEstimator byGraph = GradientEstimators.Create(new MixtureOptions(8, 4, 0.5), setting, graph);
        using Matrix rows = Seeded.Matrix(1, 7, ItemCase.Dimension);
        TrainingProblem plain = new(@case.Beta, new DenseContexts(rows), @case.Problem.Rewards);
        Assert.Multiple(() =>
        {
            Assert.That(() => Step(@case.Estimator, new LearnedItems()), Refuses("EstimatorSetting.Coefficients"));
            Assert.That(() => Step(keeping, ItemLearning.Frozen), Refuses("no item learns"));
            Assert.That(() => Step(keeping, new LearnedItems(0)), Refuses("ratio of the learning rates"));
            Assert.That(() => Step(@case.Estimator, new CorrectedItems(6)), Refuses("0 to 5"));
            Assert.That(() => Step(@case.Estimator, new CorrectedItems(0, Bias: false)), Refuses("at least 1"));
            Assert.That(() => Step(byGraph, new LearnedItems()), Refuses("RebuildingIndex"));
            Assert.That(() => Step(keeping, new LearnedItems(1, true), plain), Refuses("means of the same items"));
            Assert.That(() => GradientEstimators.Create(new StrataOptions(), setting, exact), Refuses("Control = false"));
            Assert.That(() => GradientEstimators.Create(new UniformOptions(8), setting with { BatchSize = 8 }), Refuses("room for 7"));
            Assert.That(
                () => GradientEstimators.Create(
                    new ExactOptions(), setting with { Objective = new TrainingObjective { KlWeight = 1 } }), Refuses("pull to a reference"));
            Assert.That(
                () => GradientEstimators.Create(
                    new UniformOptions(8), setting with { Objective = new TrainingObjective { KlWeight = 1, Reference = @case.Theta } }),
                Refuses("uniform reference"));
            Assert.That(
                () => new Trainer(@case.Problem, @case.Step, new TrainingOptions { Items = new CorrectedItems() }, @case.Team),
                Refuses("Only steps on the processor let items learn"));
        });

        TrainingStep Step(IGradientEstimator estimator, ItemLearning items, TrainingProblem? problem = null) =>
            new(problem ?? @case.Problem, estimator, @case.Theta, 7, new AdamOptions(), @case.Team, items);
    }

    private static NUnit.Framework.Constraints.ContainsConstraint Refuses(string words) =>
        Throws.InstanceOf<ArgumentException>().With.Message.Contains(words);

    private static float[] Row(float[] table, int row) => table[(row * ItemCase.Dimension)..((row + 1) * ItemCase.Dimension)];
}
