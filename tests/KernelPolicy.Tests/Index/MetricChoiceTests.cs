using KernelPolicy.Index;
using KernelPolicy.Kernels;
using NUnit.Framework;

namespace KernelPolicy.Tests.Index;

/// <summary>Which metric an automatic one turns out to be, and what the index says of it.</summary>
public sealed class MetricChoiceTests
{
    private const int HeavyTailed = 0;
    private const int Clustered = 1;

    [Test]
    public void The_choice_is_explained_and_the_index_names_the_metric()
    {
        using Matrix items = Catalogues.Make(Catalogues.Shape.HeavyTailed, 3000, 16);
        using WorkerTeam team = new(2);
        using HnswIndex index = HnswIndex.Build(items, new HnswOptions { M = 8 }, team);
        MetricChoice choice = index.Report.Choice!;
        Assert.Multiple(() =>
        {
            Assert.That(index.Options.Metric, Is.EqualTo(choice.Chosen).And.Not.EqualTo(HnswMetric.Automatic));
            Assert.That(choice.Sample, Is.EqualTo(3000));
            Assert.That(choice.NormVariation, Is.EqualTo(index.Report.NormVariation).Within(1e-6));
            Assert.That(choice.Trials.Select(trial => trial.Recall), Is.All.InRange(0.3, 1));
            Assert.That(choice.Trials.Single(trial => trial.Metric == HnswMetric.InnerProduct).Unreachable, Is.GreaterThan(0.01));
            Assert.That(choice.ToString(), Does.StartWith($"{choice.Chosen}, ").And.Contain("InnerProduct recall 0."));
        });
    }

    [Test]
    public void More_found_for_the_same_work_or_less_work_for_the_same_is_better()
    {
        MetricTrial trial = new(HnswMetric.Angular, 0.9, 400, 0);
        Assert.Multiple(() =>
        {
            // A tenth missed, by 400 nodes: 0.1 · 400^1.5 = 0.1 · 8000.
            Assert.That(trial.Merit, Is.EqualTo(800).Within(1e-9));
            Assert.That((trial with { Recall = 0.95 }).Merit, Is.EqualTo(400).Within(1e-9));
            Assert.That((trial with { ScoredNodes = 100 }).Merit, Is.EqualTo(100).Within(1e-9));
            Assert.That((trial with { Recall = 1 }).Merit, Is.EqualTo(8).Within(1e-9), "a thousandth may be luck");
        });
    }

    [TestCase(HeavyTailed)]
    [TestCase(Clustered)]
    public void Another_metric_is_taken_only_where_it_wins_clearly(int shape)
    {
        using Matrix items = Catalogues.Make(shape == HeavyTailed ? Catalogues.Shape.HeavyTailed : Catalogues.Shape.Clustered, 3000, 16);
        using WorkerTeam team = new(2);
        using HnswIndex index = HnswIndex.Build(items, new HnswOptions { M = 8 }, team);
        MetricChoice choice = index.Report.Choice!;
        MetricTrial best = choice.Trials.MinBy(trial => trial.Merit);
        MetricTrial usual = choice.Trials.Single(trial => trial.Metric == HnswMetric.NormAugmented);
        Assert.That(choice.Chosen, Is.EqualTo(1.5 * best.Merit < usual.Merit ? best.Metric : usual.Metric));
    }

    [Test]
    public void The_same_choice_at_any_number_of_threads()
    {
        using Matrix items = Catalogues.Make(Catalogues.Shape.Clustered, 2000, 12);
        using WorkerTeam one = new(1), three = new(3);
        using HnswIndex a = HnswIndex.Build(items, new HnswOptions { M = 6 }, one);
        using HnswIndex b = HnswIndex.Build(items, new HnswOptions { M = 6 }, three);
        Assert.That(b.Report.Choice!.ToString(), Is.EqualTo(a.Report.Choice!.ToString()));
    }

    [Test]
    public void Queries_of_the_callers_are_used()
    {
        using Matrix items = Catalogues.Make(Catalogues.Shape.HeavyTailed, 3000, 16);
        using WorkerTeam team = new(2);
        using Matrix queries = new(300, 16);
        for (int query = 0; query < 300; query++)
            items.Row(10 * query).CopyTo(queries.Row(query));
        using HnswIndex own = HnswIndex.Build(items, new HnswOptions { M = 8 }, queries, team);
        using HnswIndex means = HnswIndex.Build(items, new HnswOptions { M = 8 }, team);
        Assert.That(own.Report.Choice!.Trials[0].Recall, Is.Not.EqualTo(means.Report.Choice!.Trials[0].Recall));
        using Matrix narrow = new(3, 15), none = new(0, 16);
        Assert.Throws<ArgumentException>(() => HnswIndex.Build(items, null, narrow, team));
        Assert.Throws<ArgumentException>(() => HnswIndex.Build(items, null, none, team));
    }

    [TestCase(1)]
    [TestCase(2)]
    [TestCase(11)]
    public void Tiny_catalogues_choose_too(int count)
    {
        using Matrix items = Catalogues.Make(Catalogues.Shape.Uniform, count, 4);
        using WorkerTeam team = new(1);
        using HnswIndex index = HnswIndex.Build(items, null, team);
        Assert.That(index.Search(items.Row(0), new int[count], new float[count]), Is.EqualTo(count));
    }

    [Test]
    public void A_metric_that_is_given_is_not_doubted()
    {
        using Matrix items = Catalogues.Make(Catalogues.Shape.HeavyTailed, 500, 8);
        using WorkerTeam team = new(1);
        using HnswIndex index = HnswIndex.Build(items, new HnswOptions { Metric = HnswMetric.Angular }, team);
        Assert.That(index.Report.Choice, Is.Null);
        Assert.That(index.Options.Metric, Is.EqualTo(HnswMetric.Angular));
    }

    [Test]
    public void Links_by_inner_product_make_narrow_searches_find_more()
    {
        using Matrix items = Catalogues.Make(Catalogues.Shape.HeavyTailed, 5000, 24);
        using Matrix queries = Catalogues.MeansOf(items, 200);
        using WorkerTeam team = new(2);
        using ExactIndex exact = new(items);
        double[] recalls = new double[2];
        for (int i = 0; i < 2; i++)
        {
            HnswOptions options = new()
            {
                M = 16, EfSearch = 10, LongestAsStarts = 0, InnerProductLinks = 16 * i, Metric = HnswMetric.NormAugmented,
            };
            using HnswIndex index = HnswIndex.Build(items, options, team);
            recalls[i] = new RecallAudit(200, 10).Measure(index, exact, queries, 200, 10, team).Recall;
        }

        // The standard error of a recall of 2,000 items is below 0.012; the two are of the same queries.
        Assert.That(recalls[1], Is.GreaterThan(recalls[0] + 0.05));
    }
}
