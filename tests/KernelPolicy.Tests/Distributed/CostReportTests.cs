using KernelPolicy.Distributed;
using KernelPolicy.KernelReport.Reporting;
using KernelPolicy.KernelReport.Scaling;
using KernelPolicy.KernelReport.Spreading;
using KernelPolicy.Tests.Data;
using NUnit.Framework;

namespace KernelPolicy.Tests.Distributed;

/// <summary>The report `spread-model`: what it reads, what machines hold, what it writes.</summary>
public class CostReportTests
{
    private const string Line =
        """{"items":1000,"dim":10,"batch_size":32,"estimator":"strata","estimator_settings":"K = 64","top_k_by":"top 64 by searching a graph","threads":2,"ms_query":3.2,"ms_without_query":1.6}""";

    private static readonly TrainingMemory Memory = new(Dimension: 100, BatchSize: 32);

    private static readonly SpreadTraining Training = new(
        new FittedCost(1e-5, 0, CostGrowth.Logarithmic), new FittedCost(2e-5, 0, CostGrowth.Logarithmic), Memory, Items: 1e6, Contexts: 1e6);

    [Test]
    public void Lines_of_bench_give_times_of_a_context()
    {
        using TempFolder folder = new();
        string file = folder.Write("steps.jsonl", Line, "", Line.Replace(":1000,", ":100000,", StringComparison.Ordinal));
        IReadOnlyList<MeasuredStep> steps = BenchLines.Read(file);
        (FittedCost retrieval, FittedCost rest) = BenchLines.Fit(steps);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(steps.Select(step => step.Items), Is.EqualTo([1000, 100_000]));
            Assert.That(steps[0].IsLike(steps[1]));
            Assert.That(retrieval.Growth, Is.EqualTo(CostGrowth.Logarithmic));
            Assert.That(retrieval.At(1e8), Is.EqualTo(3.2e-3 / 32).Within(1e-12), "equal at two P: constant");
            Assert.That(rest.At(1e8), Is.EqualTo(1.6e-3 / 32).Within(1e-12));
        }
    }

    [Test]
    public void Scans_grow_with_the_catalogue()
    {
        using TempFolder folder = new();
        string file = folder.Write("steps.jsonl", Line.Replace("searching a graph", "scanning", StringComparison.Ordinal));
        Assert.That(BenchLines.Fit(BenchLines.Read(file)).Retrieval.Growth, Is.EqualTo(CostGrowth.Linear));
    }

    [TestCase("")]
    [TestCase("{")]
    [TestCase("""{"items":1000}""")]
    [TestCase("[]")]
    public void What_bench_did_not_write_is_refused_with_its_line(string line)
    {
        using TempFolder folder = new();
        string file = folder.Write("steps.jsonl", line);
        Assert.That(() => BenchLines.Read(file), Throws.TypeOf<InvalidDataException>().With.Message.Contains(line.Length == 0 ? "no line" : "line 1"));
    }

    [Test]
    public void Estimators_that_do_not_retrieve_are_refused()
    {
        using TempFolder folder = new();
        string file = folder.Write("steps.jsonl", Line.Replace("3.2", "0", StringComparison.Ordinal));
        Assert.That(() => BenchLines.Read(file), Throws.TypeOf<InvalidDataException>().With.Message.Contains("retrieves"));
    }

    [Test]
    public void Machines_hold_items_or_contexts_whole()
    {
        // β 448 bytes, codes and graph 402, a context 96, Θ and its three companions of 100 rows of 448.
        const double item = 448 + 402, context = 96, theta = 4 * 100 * 448;
        Assert.That(Memory.GraphItem, Is.EqualTo(item).Within(1), "as measured");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Training.ContextsSpreadMemory(4), Is.EqualTo((1e6 * Memory.GraphItem) + (1e6 / 4 * context) + theta).Within(1));
            Assert.That(Training.ItemsSpreadMemory(4), Is.EqualTo((1e6 / 4 * Memory.GraphItem) + (1e6 * context) + (1e6 * (16 + (80.0 / 4))) + theta).Within(1));
            Assert.That(Training.ItemsSpreadMemory(1), Is.EqualTo(Training.ContextsSpreadMemory(1)).Within(1));
        }
    }

    [Test]
    public void Batches_are_whole_multiples_of_the_measured_one()
    {
        SpreadModel model = new(new NamedLink(1000, 1, 20).Model, 4, 100);
        (int? size, SpreadStep step) = Training.ContextsSpread(model, 0.2);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(size % 32, Is.Zero);
            Assert.That(step.WaitingShare, Is.LessThan(0.2));
            Assert.That(model.ContextsSpread(Training.Cost(1e6), size!.Value - 32).WaitingShare, Is.GreaterThanOrEqualTo(0.2));
        }
    }

    [Test]
    public void The_report_has_a_row_for_each_number_of_machines_and_says_that_it_is_computed()
    {
        MeasuredStep step = new("strata, K = 64", "graph", 1e5, 100, 32, 2, 1e-3, 5e-4);
        string text = new SpreadReport(Training, [step], [new NamedLink(1000, 1, 20), new NamedLink(50, 10, 10)], [1, 2, 16], 0.2).Markdown(["steps.jsonl"]);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(text, Does.Contain("no such training was run"));
            Assert.That(text, Does.Contain("## 1000 µs there and back, 1 Gbit/s").And.Contain("## 50 µs there and back, 10 Gbit/s"));
            Assert.That(text.Split('\n').Count(line => line.StartsWith("| 16 |", StringComparison.Ordinal)), Is.EqualTo(3), "memory, two networks");
        }
    }

    [TestCase("1000,1,20", 5e-4, 125e6, 2e-5)]
    [TestCase("5,100,0.5", 2.5e-6, 12.5e9, 5e-7)]
    public void Networks_are_given_by_the_way_there_and_back(string text, double latency, double rate, double message)
    {
        LinkModel link = NamedLink.Parse(text).Model;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(link.LatencySeconds, Is.EqualTo(latency).Within(1e-15));
            Assert.That(link.BytesPerSecond, Is.EqualTo(rate));
            Assert.That(link.SecondsPerMessage, Is.EqualTo(message).Within(1e-15));
        }
    }

    [TestCase("1000,1")]
    [TestCase("1000,0,20")]
    [TestCase("1000,fast,20")]
    [TestCase("-1,1,1")]
    public void What_is_no_network_is_refused(string text) => Assert.Throws<ArgumentException>(() => NamedLink.Parse(text));
}
