using KernelPolicy.Cli.Study;
using KernelPolicy.Policy;
using NUnit.Framework;

namespace KernelPolicy.Tests.Cli;

/// <summary>The paper's experiments as data.</summary>
internal sealed class StudyPlanTests
{
    private static readonly string[] Keys = ["rq1", "rq2", "rq3", "rq4", "ours", "items"];

    [TestCase(StudySettings.SmallPreset)]
    [TestCase(StudySettings.FullPreset)]
    public void A_preset_asks_all_questions_of_the_paper_and_ours(string preset)
    {
        StudyPlan plan = StudyPlan.Create(StudySettings.Of(preset));
        Assert.Multiple(() =>
        {
            Assert.That(plan.Questions.Select(q => q.Key), Is.EqualTo(Keys));
            Assert.That(Parameters(plan, "rq2", m => m.Estimator is UniformOptions ? 1 : (m.Estimator as MixtureOptions)?.Epsilon), Is.EqualTo(new[] { 0, 0.2, 0.5, 0.8, 1 }));
            Assert.That(Parameters(plan, "rq3", m => (m.Estimator as MixtureOptions)?.TopK), Is.EqualTo(new[] { 32, 64, 128, 256, 512 }));
            Assert.That(Parameters(plan, "rq4", m => (m.Estimator as MixtureOptions)?.Samples), Is.EqualTo(new[] { 50, 200, 500, 1000 }));
            Assert.That(Parameters(plan, "ours", m => (m.Estimator as StrataOptions)?.Tail), Is.EqualTo(new[] { 16, 16, 64, 128, 512 }));
            Assert.That(plan.Questions[5].Methods.Select(m => m.Items.GetType()).Distinct(), Is.EquivalentTo(new[] { typeof(FrozenItems), typeof(CorrectedItems), typeof(LearnedItems) }));
            Assert.That(plan.Questions.Where(q => q.Key != "items").Select(q => q.Methods), Has.All.Contains(StudyMethod.Reinforce));
            Assert.That(plan.Questions[0].Methods.Where(m => m.Estimator is MixtureOptions).Select(m => m.Index), Is.EqualTo(new[] { "exact", "hnsw" }));
        });
    }

    [Test]
    public void The_full_preset_has_the_sizes_of_the_paper()
    {
        StudySettings full = StudySettings.Full;
        Assert.Multiple(() =>
        {
            Assert.That(full.Catalogues.Select(c => (c.Items, c.Users, c.LearningRate)), Is.EqualTo(new[] { (750_000, 500_000, 1e-4), (1_230_000, 300_000, 5e-5) }));
            Assert.That(full.StepDimensions, Is.EqualTo(new[] { 16, 64, 100, 256, 1000 }));
            Assert.That((full.Epochs, full.BatchSize), Is.EqualTo((50, 32)));
        });
    }

    [Test]
    public void What_two_questions_ask_is_measured_once_a_seed()
    {
        StudyPlan plan = StudyPlan.Create(StudySettings.Small);
        string[] names = [.. plan.Cells.Select(cell => cell.Name)];
        Assert.Multiple(() =>
        {
            Assert.That(names, Is.Unique);
            // 4 L with 8 paths; then exact, REINFORCE and five ε, four more K, three more S, five strata, four kinds of items that learn.
            Assert.That(names, Has.Length.EqualTo(3 * ((4 * 8) + 7 + 4 + 3 + 5 + 4)));
            Assert.That(names.Where(n => n.Contains("mixture-1000-256-0.8.", StringComparison.Ordinal)), Has.Exactly(3).Items);
            Assert.That(plan.Cells.Select(cell => cell.Seed), Is.Ordered, "a study that is stopped has an answer to everything");
            Assert.That(names, Has.All.Matches<string>(name => name.IndexOfAny(Path.GetInvalidFileNameChars()) < 0));
        });
    }

    [Test]
    public void More_seeds_keep_the_cells_that_there_are()
    {
        string[] three = [.. StudyPlan.Create(StudySettings.Small).Cells.Select(cell => cell.Name)];
        Assert.That(StudyPlan.Create(StudySettings.Small with { Seeds = 5 }).Cells.Select(cell => cell.Name).Take(three.Length), Is.EqualTo(three));
    }

    [Test]
    public void The_small_preset_takes_minutes_and_the_full_one_days()
    {
        Assert.Multiple(() =>
        {
            Assert.That(Seconds(StudySettings.Small), Is.LessThan(600));
            Assert.That(Seconds(StudySettings.Full) / 3600, Is.InRange(24, 24 * 30));
        });

        static double Seconds(StudySettings settings) =>
            StudyPlan.Create(settings).Cells.Sum(cell => CellEstimate.Of(cell, settings, StudyIndex.IsGraph(cell)).Seconds);
    }

    [Test]
    public void An_estimate_grows_with_what_it_depends_on()
    {
        StudyCatalogue small = StudyCatalogue.Drawn("a", "", 10_000, 200_000, 1e-3), large = small with { Items = 1_000_000 };
        Assert.Multiple(() =>
        {
            Assert.That(Of(large, 64, StudyMethod.Reinforce).Seconds, Is.GreaterThan(50 * Of(small, 64, StudyMethod.Reinforce).Seconds));
            Assert.That(Of(large, 128, StudyMethod.Exact).Seconds, Is.GreaterThan(1.5 * Of(large, 64, StudyMethod.Exact).Seconds));
            Assert.That(Of(large, 64, StudyMethod.Strata(8, 16, "auto", "")).Seconds, Is.LessThan(Of(large, 64, StudyMethod.Reinforce).Seconds / 10));
            Assert.That(Of(large, 1000, StudyMethod.Exact).Bytes, Is.GreaterThan(3 * 4e9));
            Assert.That(StudyMemory.WhyTooLarge(new CellEstimate(1, 1e18)), Does.StartWith("needs some 931322574.6 GiB of memory; this machine has"));
            Assert.That(StudyMemory.WhyTooLarge(new CellEstimate(1, 1e6)), Is.Null);
        });

        static CellEstimate Of(StudyCatalogue catalogue, int dimension, StudyMethod method)
        {
            StudyCell cell = new(CellKind.Learning, catalogue, dimension, method, 1);
            return CellEstimate.Of(cell, StudySettings.Small, StudyIndex.IsGraph(cell));
        }
    }

    [Test]
    public void The_time_left_goes_by_what_cells_took()
    {
        StudyClock clock = new(100);
        Assert.That(clock.Left().TotalSeconds, Is.EqualTo(100));
        clock.Add(expected: 18, taken: 38);
        Assert.Multiple(() =>
        {
            // (38 + 2) / (18 + 2) times the 82 that are left.
            Assert.That(clock.Left().TotalSeconds, Is.EqualTo(164).Within(1e-9));
            Assert.That(clock.Left(expected: 10, share: 0.5).TotalSeconds, Is.EqualTo(154).Within(1e-9));
            Assert.That(clock.Share(expected: 10, share: 0.5), Is.EqualTo(0.23).Within(1e-9));
        });
    }

    private static double[] Parameters(StudyPlan plan, string question, Func<StudyMethod, double?> value) =>
        [.. plan.Questions.Single(q => q.Key == question).Methods.Select(value).OfType<double>()];
}
