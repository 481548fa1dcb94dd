using KernelPolicy.Index;
using KernelPolicy.Kernels;
using NUnit.Framework;

namespace KernelPolicy.Tests.Index;

/// <summary>The build itself: determinism, reachability, progress, cancellation, options.</summary>
public sealed class HnswBuildTests
{
    [Test]
    public void The_graph_is_the_same_at_any_number_of_threads(
        [Values(HnswMetric.NormAugmented, HnswMetric.InnerProduct)] HnswMetric metric)
    {
        using Matrix items = Catalogues.Make(Catalogues.Shape.HeavyTailed, 2000, 20);
        HnswOptions options = new() { M = 12, Metric = metric, Seed = 7 };
        string? first = null;
        foreach (int threads in new[] { 1, 2, 3 })
        {
            using WorkerTeam team = new(threads);
            using HnswIndex index = HnswIndex.Build(items, options, team);
            string print = Print(index);
            first ??= print;
            Assert.That(print, Is.EqualTo(first), $"{threads} threads");
        }
    }

    [Test]
    public void Another_seed_gives_another_graph()
    {
        using Matrix items = Catalogues.Make(Catalogues.Shape.Clustered, 1000, 8);
        using WorkerTeam team = new(2);
        using HnswIndex one = HnswIndex.Build(items, new HnswOptions { Seed = 1 }, team);
        using HnswIndex two = HnswIndex.Build(items, new HnswOptions { Seed = 2 }, team);
        Assert.That(Print(two), Is.Not.EqualTo(Print(one)));
    }

    [Test]
    public void Every_node_is_reachable_after_the_repair(
        [Values(2, 4, 16)] int m,
        [Values] HnswMetric metric)
    {
        using Matrix items = Catalogues.Make(Catalogues.Shape.HeavyTailed, 2000, 16);
        for (int item = 0; item < 40; item++)
            items.Row(item).CopyTo(items.Row(item + 1000));
        using WorkerTeam team = new(2);
        using HnswIndex index = HnswIndex.Build(items, new HnswOptions { M = m, EfConstruction = 40, Metric = metric }, team);
        TestContext.Out.WriteLine(index.Report);
        Assert.Multiple(() =>
        {
            Assert.That(index.Report.Duplicates, Is.EqualTo(40));
            Assert.That(Reachability.Count(index.Graph), Is.EqualTo(1960));
            Assert.That(index.Report.Repaired, Is.LessThanOrEqualTo(index.Report.Unreachable));
            if (metric == HnswMetric.InnerProduct)
                Assert.That(index.Report.Unreachable, Is.GreaterThan(100), "raw inner products are the case to repair");
        });
    }

    [Test]
    public void Links_lead_to_other_nodes_once_and_layers_thin_out()
    {
        using Matrix items = Catalogues.Make(Catalogues.Shape.Clustered, 4000, 16);
        using WorkerTeam team = new(2);
        using HnswIndex index = HnswIndex.Build(items, new HnswOptions { M = 8 }, team);
        HnswGraph graph = index.Graph;
        int[] nodes = new int[graph.TopLayer + 1];
        for (int node = 0; node < graph.Nodes; node++)
        {
            for (int layer = 0; layer <= graph.Levels[node]; layer++)
            {
                nodes[layer]++;
                int[] links = graph.Links(layer, node).ToArray();
                Assert.That(links, Has.None.EqualTo(node));
                Assert.That(links, Is.Unique);
                Assert.That(links.All(link => graph.Levels[link] >= layer));
            }
        }

        // A layer keeps 1 in M = 8 of the one below: binomial, 500 ± 6·21.
        Assert.That(nodes[1], Is.InRange(374, 626));
        Assert.That(index.Report.Layers, Is.EqualTo(nodes.Length));
    }

    [Test]
    public void Progress_rises_to_the_number_of_nodes()
    {
        using Matrix items = Catalogues.Make(Catalogues.Shape.Uniform, 700, 8);
        using WorkerTeam team = new(2);
        Told told = new();
        using HnswIndex index = HnswIndex.Build(items, null, team, told);
        Assert.That(told.Seen, Is.Ordered.Ascending.And.Unique);
        
        // Each of 700 nodes is inserted, and then given its links by inner product.
        Assert.That(told.Seen[^1], Is.EqualTo(1400));
    }

    [Test]
    public void A_cancelled_build_stops_between_rounds()
    {
        using Matrix items = Catalogues.Make(Catalogues.Shape.Uniform, 3000, 8);
        using WorkerTeam team = new(2);
        using CancellationTokenSource source = new();
        Told told = new() { Then = done => { if (done > 1000) source.Cancel(); } };
        Assert.Throws<OperationCanceledException>(() => HnswIndex.Build(items, null, team, told, source.Token));
        Assert.That(told.Seen[^1], Is.InRange(1000, 1100));
    }

    [TestCase(1)]
    [TestCase(513)]
    public void M_is_checked(int m)
    {
        ArgumentOutOfRangeException? error = Assert.Throws<ArgumentOutOfRangeException>(() => _ = new HnswOptions { M = m });
        Assert.That(error!.Message, Does.Contain($"M is {m}; it must be 2 to 512."));
        Assert.That(error.ActualValue, Is.EqualTo(m));
    }

    [Test]
    public void Other_options_are_checked() => Assert.Multiple(() =>
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => _ = new HnswOptions { EfConstruction = 0 });
        Assert.Throws<ArgumentOutOfRangeException>(() => _ = new HnswOptions { EfSearch = 0 });
        Assert.Throws<ArgumentOutOfRangeException>(() => _ = new HnswOptions { EfSearch = (1 << 20) + 1 });
        Assert.Throws<ArgumentOutOfRangeException>(() => _ = new HnswOptions { LongestAsStarts = -1 });
        Assert.Throws<ArgumentOutOfRangeException>(() => _ = new HnswOptions { Metric = (HnswMetric)9 });
        Assert.Throws<ArgumentOutOfRangeException>(() => _ = new HnswOptions { Traversal = (HnswTraversal)2 });
    });

    [Test]
    public void An_empty_catalogue_is_refused()
    {
        using Matrix items = new(0, 4);
        using WorkerTeam team = new(1);
        Assert.Throws<ArgumentException>(() => HnswIndex.Build(items, null, team));
        Assert.Throws<ArgumentNullException>(() => HnswIndex.Build(null!, null, team));
        Assert.Throws<ArgumentNullException>(() => HnswIndex.Build(items, null, null!));
    }

    private static string Print(HnswIndex index)
    {
        System.IO.Hashing.XxHash3 hash = new();
        HnswGraph graph = index.Graph;
        hash.Append(System.Runtime.InteropServices.MemoryMarshal.AsBytes(graph.Vectors.ItemOf));
        for (int node = 0; node < graph.Nodes; node++)
        {
            for (int layer = 0; layer <= graph.Levels[node]; layer++)
            {
                hash.Append(System.Runtime.InteropServices.MemoryMarshal.AsBytes(graph.Links(layer, node)));
                hash.Append([255]);
            }
        }

        return $"{graph.Entry} {graph.TopLayer} {index.Report with { Seconds = 0 }} {hash.GetCurrentHashAsUInt64():x}";
    }

    private sealed class Told : IProgress<HnswProgress>
    {
        public List<int> Seen { get; } = [];

        public Action<int>? Then { get; init; }

        public void Report(HnswProgress value)
        {
            Seen.Add(value.Done);
            Then?.Invoke(value.Done);
        }
    }
}
