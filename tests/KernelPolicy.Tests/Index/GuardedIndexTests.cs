using KernelPolicy.Index;
using KernelPolicy.Kernels;
using KernelPolicy.Tests.Support;
using NUnit.Framework;

namespace KernelPolicy.Tests.Index;

/// <summary>What a guard does at good recall, at bad recall, and where no search of the graph helps.</summary>
public sealed class GuardedIndexTests
{
    private const int Queries = 48;
    private const int K = 10;

    [Test]
    public void Keeps_a_graph_that_finds_enough()
    {
        using Case @case = new(new HnswOptions { M = 16, EfSearch = 256 }, largestShare: 1);
        RecallCheck check = @case.Check(0.99);
        Assert.Multiple(() =>
        {
            Assert.That(check.Action, Is.EqualTo(GuardAction.Kept));
            Assert.That(check.Before.MassRecall, Is.GreaterThanOrEqualTo(0.99));
            Assert.That((check.EfBefore, check.EfTried, check.EfAfter), Is.EqualTo(((int?)256, (int?)256, (int?)256)));
            Assert.That(check.After, Is.EqualTo(check.Before));
            Assert.That(@case.Guard.State, Is.EqualTo(new GuardState(256, false)));
        });
    }

    [TestCase(1)]
    [TestCase(16)]
    public void Widens_the_search_until_the_bound_holds(int ef)
    {
        using Case @case = new(Narrow(ef), largestShare: 1);
        RecallCheck check = @case.Check(0.99);
        TestContext.Out.WriteLine(check);

        // Measured anew, by the audit that any user can make.
        RecallResult after = @case.Measure(@case.Guard);
        Assert.Multiple(() =>
        {
            Assert.That(check.Before.MassRecall, Is.LessThan(0.99), "the graph is too good to show anything");
            Assert.That(check.Action, Is.EqualTo(GuardAction.Widened));
            Assert.That(check.EfBefore, Is.EqualTo(Math.Max(ef, K)));
            Assert.That(check.EfAfter, Is.GreaterThan(check.EfBefore!.Value));
            Assert.That(after.MassRecall, Is.GreaterThanOrEqualTo(0.99));
            Assert.That(after, Is.EqualTo(check.After));
            Assert.That(@case.Guard.Graph!.Options.EfSearch, Is.EqualTo(check.EfAfter));
            Assert.That(@case.Check(0.99).Action, Is.EqualTo(GuardAction.Kept));
        });
    }

    [Test]
    public void Falls_back_to_the_exact_scan_where_no_search_that_is_allowed_finds_enough()
    {
        // Raw inner products over uneven norms, with two links an item: the graph leads to the longest items alone.
        using Case @case = new(
            new HnswOptions { M = 2, EfConstruction = 2, EfSearch = 4, LongestAsStarts = 0, Metric = HnswMetric.InnerProduct },
            largestShare: 0.02);
        RecallCheck check = @case.Check(0.99);
        TestContext.Out.WriteLine(check);
        Assert.Multiple(() =>
        {
            Assert.That(@case.Guard.LargestEf, Is.EqualTo(30), "0.02 · 3000 / 2");
            Assert.That(check.Action, Is.EqualTo(GuardAction.FellBackToExact));
            Assert.That((check.EfTried, check.EfAfter), Is.EqualTo(((int?)30, (int?)null)));
            Assert.That(check.MassRecallTried, Is.LessThan(0.99));
            Assert.That(@case.Measure(@case.Guard), Is.EqualTo(new RecallResult(Queries, K, 1, 1, 1, 1)));
            Assert.That((@case.Guard.Kind, @case.Guard.Graph), Is.EqualTo(("exact", (HnswIndex?)null)));
        });
        RecallCheck again = @case.Check(0.99);
        Assert.That((again.Action, again.EfBefore, again.EfAfter), Is.EqualTo((GuardAction.Kept, (int?)null, (int?)null)));
    }

    [Test]
    public void Measures_and_leaves_all_as_it_is_at_a_bound_of_zero()
    {
        using Case @case = new(Narrow(1), largestShare: 1);
        RecallCheck check = @case.Check(0);
        Assert.That((check.Action, check.EfAfter), Is.EqualTo((GuardAction.Measured, (int?)K)));
        Assert.That(@case.Guard.State, Is.EqualTo(new GuardState(1, false)));
        Assert.That(check.Before, Is.EqualTo(@case.Measure(@case.Graph)));
    }

    [Test]
    public void A_search_for_fewer_items_keeps_the_candidates_that_were_measured()
    {
        using Case @case = new(Narrow(1), largestShare: 1);
        RecallCheck check = @case.Check(1e-9);
        Assert.That(check.Action, Is.EqualTo(GuardAction.Kept));
        Assert.That(@case.Guard.State, Is.EqualTo(new GuardState(K, false)));
    }

    [Test]
    public void Goes_back_to_the_start_and_to_where_another_guard_was()
    {
        using Case @case = new(Narrow(4), largestShare: 1);
        using GuardedIndex other = new(@case.Graph, 1);
        GuardedIndex guard = @case.Guard;
        RecallCheck check = @case.Check(0.99);
        GuardState widened = guard.State;
        other.Restore(widened);
        Assert.Multiple(() =>
        {
            Assert.That(@case.Measure(other), Is.EqualTo(check.After));
            Assert.That(guard.Description, Is.EqualTo(other.Description));
        });
        guard.Reset();
        Assert.That(@case.Check(0.99), Is.EqualTo(check));
        guard.Restore(new GuardState(64, true));
        Assert.That((guard.Kind, guard.State), Is.EqualTo(("exact", new GuardState(64, true))));
        Assert.Throws<ArgumentOutOfRangeException>(() => guard.Restore(new GuardState(0, false)));
    }

    [Test]
    public void Holds_on_to_a_graph_that_its_owner_has_disposed_of()
    {
        using Case @case = new(Narrow(4), largestShare: 1);
        @case.Graph.Dispose();
        Assert.That(@case.Check(0.99).Action, Is.EqualTo(GuardAction.Widened));
    }

    [Test]
    public void Searches_while_a_check_acts_find_what_one_of_its_indexes_finds()
    {
        using Case @case = new(Narrow(1), largestShare: 1);
        using GuardedIndex reference = new(@case.Graph, 1);
        HashSet<string> known = [];
        void Remember()
        {
            known.Add(Answer(reference, @case.Query));
        }

        Remember();
        reference.Check(@case.Query, Queries, K, 0.99, @case.Team);
        Remember();
        reference.Restore(new GuardState(1, true));
        Remember();

        bool isOver = false;
        Task<HashSet<string>>[] searches = [.. Enumerable.Range(0, 3).Select(_ => Task.Run(() =>
        {
            HashSet<string> seen = [];
            while (!Volatile.Read(ref isOver))
                seen.Add(Answer(@case.Guard, @case.Query));
            return seen;
        }))];
        for (int i = 0; i < 20; i++)
        {
            @case.Guard.Reset();
            @case.Check(0.99);
            @case.Guard.Restore(new GuardState(1, true));
        }

        Volatile.Write(ref isOver, true);
        foreach (string answer in searches.SelectMany(search => search.Result))
            Assert.That(known, Does.Contain(answer));
    }

    [Test]
    public void Neither_searches_nor_checks_that_keep_things_allocate()
    {
        using Case @case = new(new HnswOptions { M = 16, EfSearch = 512 }, largestShare: 1);
        TopK result = new(Queries, K);
        Allocations.AssertNone(() => @case.Guard.Search(@case.Query, Queries, K, result, @case.Team), warmUp: 5, trials: 20);
        Allocations.AssertNone(() => @case.Check(0.5), warmUp: 5, trials: 20);
        @case.Guard.Restore(new GuardState(512, true));
        Allocations.AssertNone(() => @case.Guard.Search(@case.Query, Queries, K, result, @case.Team), warmUp: 5, trials: 20);
    }

    [Test]
    public void Mistakes_are_refused_with_value_and_range()
    {
        using Case @case = new(Narrow(16), largestShare: 1);
        GuardedIndex guard = @case.Guard;
        using Matrix narrow = new(4, 3);
        Assert.Multiple(() =>
        {
            foreach (double share in new[] { 0, 1.1, double.NaN })
                Assert.That(() => new GuardedIndex(@case.Graph, share), Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.Contains("above 0 and at most 1"));
            foreach (double bound in new[] { -0.1, 1.1, double.NaN })
                Assert.That(() => @case.Check(bound), Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.Contains("0 to 1").And.Property("ActualValue").EqualTo(bound));
            Assert.Throws<ArgumentOutOfRangeException>(() => guard.Check(@case.Query, 0, K, 0.9, @case.Team));
            Assert.Throws<ArgumentOutOfRangeException>(() => guard.Check(@case.Query, Queries + 1, K, 0.9, @case.Team));
            Assert.Throws<ArgumentOutOfRangeException>(() => guard.Check(@case.Query, 1, 3001, 0.9, @case.Team));
            Assert.Throws<ArgumentException>(() => guard.Check(narrow, 1, K, 0.9, @case.Team));
            Assert.Throws<ArgumentNullException>(() => guard.Check(null!, 1, K, 0.9, @case.Team));
        });
        guard.Dispose();
        Assert.Throws<ObjectDisposedException>(() => @case.Check(0.9));
    }

    private static HnswOptions Narrow(int ef) => new() { M = 8, EfConstruction = 64, EfSearch = ef, LongestAsStarts = 0 };

    private static string Answer(GuardedIndex index, Matrix queries)
    {
        using WorkerTeam team = new(1);
        TopK result = new(Queries, K);
        index.Search(queries, Queries, K, result, team);
        return string.Join(' ', Enumerable.Range(0, Queries).SelectMany(query => result.Items(query).ToArray()));
    }

    private sealed class Case : IDisposable
    {
        private readonly Matrix _items = Catalogues.Make(Catalogues.Shape.HeavyTailed, 3000, 24);

        public Case(HnswOptions options, double largestShare)
        {
            Query = Catalogues.MeansOf(_items, Queries);
            Graph = HnswIndex.Build(_items, options, Team);
            Guard = new GuardedIndex(Graph, largestShare);
        }

        public WorkerTeam Team { get; } = new(2);

        public Matrix Query { get; }

        public HnswIndex Graph { get; }

        public GuardedIndex Guard { get; }

        public RecallCheck Check(double bound) => Guard.Check(Query, Queries, K, bound, Team);

        public RecallResult Measure(IMipsIndex index)
        {
            using ExactIndex exact = new(_items);
            return new RecallAudit(Queries, K).Measure(index, exact, Query, Queries, K, Team);
        }

        public void Dispose()
        {
            Guard.Dispose();
            Graph.Dispose();
            Query.Dispose();
            _items.Dispose();
            Team.Dispose();
        }
    }
}
