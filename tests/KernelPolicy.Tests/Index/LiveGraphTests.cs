using KernelPolicy.Index;
using KernelPolicy.Kernels;
using NUnit.Framework;

namespace KernelPolicy.Tests.Index;

/// <summary>The graph that additions leave: recall, determinism, links, and when it is built anew.</summary>
public sealed class LiveGraphTests
{
    private const int Old = LiveCase.Old;
    private const int New = LiveCase.New;
    private const int Queries = LiveCase.QueryCount;
    private const int K = 20;

    private LiveCase _case = null!;

    [OneTimeSetUp]
    public void Build() => _case = new LiveCase();

    [OneTimeTearDown]
    public void Free() => _case.Dispose();

    [Test]
    public void Recall_after_additions_is_that_of_a_fresh_build([Values] HnswTraversal traversal)
    {
        using HnswIndex origin = HnswIndex.Build(_case.OldItems, LiveCase.Options with { Traversal = traversal }, _case.Team);
        using LiveIndex live = new(origin);
        _case.AddAll(live, _case.Team, 8);
        using HnswIndex fresh = HnswIndex.Build(_case.All, LiveCase.Options with { Traversal = traversal }, _case.Team);
        using LiveSnapshot snapshot = live.Acquire();
        using ExactIndex exact = new(snapshot.Items);
        using ExactIndex exactOfAll = new(_case.All);
        RecallAudit audit = new(Queries, K);
        double grown = audit.Measure(snapshot, exact, _case.Queries, Queries, K, _case.Team).Recall;
        double anew = audit.Measure(fresh, exactOfAll, _case.Queries, Queries, K, _case.Team).Recall;
        TestContext.Out.WriteLine($"{grown:F4}, fresh {anew:F4}; {snapshot.Report}");
        Assert.Multiple(() =>
        {
            Assert.That(live.Count, Is.EqualTo(Old + New));
            Assert.That(live.Version, Is.EqualTo(8));
            Assert.That(grown, Is.GreaterThan(anew - 0.02));
            Assert.That(snapshot.Report.Duplicates, Is.EqualTo(fresh.Report.Duplicates));
            Assert.That(Reachability.Count(snapshot.Index.Graph), Is.EqualTo(snapshot.Index.Graph.Nodes));
            Assert.That(snapshot.Index.Graph.Vectors.ItemOf[0], Is.EqualTo(Old + New - 1), "searches start from the longest");
        });
    }

    [Test]
    public void The_same_additions_give_the_same_graph_at_any_number_of_threads()
    {
        string? first = null;
        foreach (int threads in new[] { 1, 2, 3 })
        {
            using WorkerTeam team = new(threads);
            using LiveIndex live = new(_case.Built);
            _case.AddAll(live, team, 3);
            using LiveSnapshot snapshot = live.Acquire();
            string print = LiveCase.Print(snapshot.Index.Graph);
            first ??= print;
            Assert.That(print, Is.EqualTo(first), $"{threads} threads");
        }
    }

    [Test]
    public void Links_of_a_grown_graph_lead_to_other_nodes_once()
    {
        using LiveIndex live = new(_case.Built);
        _case.AddAll(live, _case.Team, 2);
        using LiveSnapshot snapshot = live.Acquire();
        HnswGraph graph = snapshot.Index.Graph;
        for (int node = 0; node < graph.Nodes; node++)
        {
            Assert.That(graph.Levels[node], Is.LessThanOrEqualTo(graph.TopLayer));
            for (int layer = 0; layer <= graph.Levels[node]; layer++)
            {
                int[] links = graph.Links(layer, node).ToArray();
                Assert.That(links, Has.None.EqualTo(node));
                Assert.That(links, Is.Unique);
                Assert.That(links.All(link => graph.Levels[link] >= layer));
            }
        }
    }

    [Test]
    public void An_index_that_has_doubled_is_built_anew()
    {
        using Matrix few = _case.Rows(0, 50);
        using HnswIndex origin = HnswIndex.Build(few, LiveCase.Options, _case.Team);
        using LiveIndex live = new(origin);
        live.Remove(3, 4);
        using Matrix more = _case.Rows(50, 60);
        live.Add(more, _case.Team);
        using Matrix anew = _case.Rows(0, 110);
        anew.Row(3).Clear();
        anew.Row(4).Clear();
        using HnswIndex fresh = HnswIndex.Build(anew, LiveCase.Options, _case.Team);
        using LiveSnapshot snapshot = live.Acquire();
        Assert.That(LiveCase.Print(snapshot.Index.Graph), Is.EqualTo(LiveCase.Print(fresh.Graph)));
    }
}
