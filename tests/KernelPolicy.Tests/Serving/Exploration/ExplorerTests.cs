using KernelPolicy.Index;
using KernelPolicy.Kernels;
using KernelPolicy.Policy;
using KernelPolicy.Tests.Support;
using NUnit.Framework;

namespace KernelPolicy.Tests.Serving.Exploration;

/// <summary>What every rule promises: determinism by (seed, request), no allocation, and clear refusals.</summary>
public sealed class ExplorerTests
{
    private const int P = 500;

    private static readonly ExplorationOptions[] OutOfRange =
    [
        new() { Kind = (ExplorationKind)3 }, new() { HeadItems = 0 }, new() { Temperature = 0 }, new() { Temperature = -1 }, new() { Temperature = double.NaN },
        new() { Temperature = double.PositiveInfinity }, new() { Epsilon = -0.1 }, new() { Epsilon = 1.1 }, new() { Epsilon = double.NaN },
        new() { TailDraws = 1 }, new() { TailDraws = 10_000_001 }, new() { Gap = -1 }, new() { Gap = double.NaN },
        new() { Gap = double.PositiveInfinity },
    ];

    private ExplorationCase _problem = null!;
    private int[] _head = null!;
    private float[] _scores = null!;

    [SetUp]
    public void MakeProblem()
    {
        _problem = new ExplorationCase(P, 0.5, banned: [5, 6], excluded: [7, 8, 9]);
        _head = _problem.Top(20);
        _scores = _problem.ScoresOf(_head);
    }

    [TearDown]
    public void FreeProblem() => _problem.Dispose();

    [Test]
    public void A_slate_is_a_function_of_seed_and_request([Values] ExplorationKind kind)
    {
        ExplorationOptions options = new() { Kind = kind, Epsilon = 0.5, TailDraws = 50 };
        var first = new Explorer(_problem.Items, options, 20, 4);
        var second = new Explorer(_problem.Items, options, 300, 9, 100);
        var seeded = new Explorer(_problem.Items, options with { Seed = 12 }, 20, 4);
        int alike = 0;
        for (int request = 0; request < 100; request++)
        {
            ExploredItem[] slate = Serve(first, request);
            Assert.That(Serve(second, 99 - request), Is.EqualTo(Serve(first, 99 - request)), "capacities and order of requests change nothing");
            Assert.That(Serve(first, request), Is.EqualTo(slate));
            alike += Serve(seeded, request).SequenceEqual(slate) ? 1 : 0;
            alike += Serve(first, request + 1000).SequenceEqual(slate) ? 1 : 0;
        }

        Assert.That(alike, kind == ExplorationKind.None ? Is.EqualTo(200) : Is.LessThan(30), "other seeds and requests draw anew");
    }

    /// <summary>Draws of one request do not predict those of the next, or serving would explore in step.</summary>
    [Test]
    public void Consecutive_requests_are_independent()
    {
        using var flat = new ExplorationCase(8, 0);
        int[] pairs = new int[64];
        int last = -1;
        foreach ((ExploredItem[] slate, _) in flat.Run(new ExplorationOptions { Kind = ExplorationKind.Softmax }, flat.Top(3), 1, 60_000))
        {
            if (last >= 0)
                pairs[(last * 8) + slate[0].Item]++;
            last = slate[0].Item;
        }

        Law.AssertCounts(pairs, [.. Enumerable.Repeat(1 / 64.0, 64)], "one request and the next");
    }

    [Test]
    public void Nothing_is_allocated([Values] ExplorationKind kind, [Values] bool filtered)
    {
        ExplorationOptions options = new() { Kind = kind, Epsilon = 0.5, TailDraws = 50 };
        var explorer = new Explorer(_problem.Items, options, 20, 4, 3);
        var slate = new ExploredItem[4];
        long request = 0;
        Allocations.AssertNone(() => explorer.Explore(
            _problem.H, _head, _scores, _problem.Excluded, filtered ? _problem.Filter : null, request++, slate));
    }

    [Test]
    public void Longer_lists_of_excluded_items_than_foreseen_are_taken()
    {
        var explorer = new Explorer(_problem.Items, new ExplorationOptions { Kind = ExplorationKind.Softmax }, 20, 2);
        int[] excluded = [.. Enumerable.Range(0, P - 1)];
        var slate = new ExploredItem[2];
        ExplorationReport report = explorer.Explore(_problem.H, _head, _scores, excluded, null, 0, slate);
        Assert.That((report.Count, slate[0].Item, slate[0].Propensity), Is.EqualTo((1, P - 1, 1.0)));
    }

    [Test]
    public void An_option_out_of_range_is_refused([ValueSource(nameof(OutOfRange))] ExplorationOptions options)
    {
        ArgumentOutOfRangeException error = Assert.Throws<ArgumentOutOfRangeException>(() => new Explorer(_problem.Items, options, 20, 4))!;
        Assert.That(error.ActualValue, Is.Not.Null);
    }

    [Test]
    public void Options_at_the_ends_of_their_ranges_are_taken()
    {
        new ExplorationOptions { Temperature = ExplorationOptions.LeastTemperature, Epsilon = 0, TailDraws = 2 }.Validate();
        new ExplorationOptions { Temperature = double.MaxValue, Epsilon = 1, TailDraws = 10_000_000, Gap = double.MaxValue }.Validate();
    }

    [Test]
    public void Mistakes_of_the_caller_are_refused([Values] ExplorationKind kind)
    {
        var explorer = new Explorer(_problem.Items, new ExplorationOptions { Kind = kind }, 20, 4);
        int length = _problem.Items.Stride;
        Refused(() => Explore([1], [1f]), "h has 3", h: 3);
        Refused(() => Explore([], []), "0 items were retrieved");
        Refused(() => Explore([.. Enumerable.Range(0, 21)], new float[21]), "21 items were retrieved; there must be 1 to 20");
        Refused(() => Explore([1, 2], [1f]), "2 items but 1 scores");
        Refused(() => Explore([1, 1], [1f, 1f]), "Item 1 was retrieved twice");
        Refused(() => Explore([P], [1f]), $"Item {P} is not one of the catalogue's: 0 to {P - 1}");
        Refused(() => Explore([-1], [1f]), "Item -1");
        Refused(() => Explore([1], [1f], excluded: [P]), $"Item {P}");
        Refused(() => Explore([1], [1f], places: 0), "The slate has 0 places; it must have 1 to 4");
        Refused(() => Explore([1], [1f], places: 5), "The slate has 5 places");
        Refused(() => Explore([1], [1f], request: -1), "A request's number");
        Refused(() => Explore([1], [1f], request: 1L << 56), "A request's number");
        Refused(() => Explore([1], [1f], filter: ItemFilter.Ban(P + 1, [])), $"{P + 1} items");

        void Explore(int[] items, float[] scores, int[]? excluded = null, int places = 1, long request = 0, ItemFilter? filter = null) =>
            explorer.Explore(_problem.H[..length], items, scores, excluded ?? [], filter, request, new ExploredItem[places]);

        void Refused(Action explore, string message, int? h = null)
        {
            length = h ?? _problem.Items.Stride;
            Assert.That(() => explore(), Throws.InstanceOf<ArgumentException>().With.Message.Contains(message));
        }
    }

    [Test]
    public void Capacities_and_catalogues_out_of_range_are_refused()
    {
        var options = new ExplorationOptions { Kind = ExplorationKind.Softmax };
        using var empty = new Matrix(0, 3);
        Assert.That(() => new Explorer(empty, options, 20, 4), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => new Explorer(_problem.Items, options, 0, 4), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => new Explorer(_problem.Items, options, 20, 0), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => new Explorer(_problem.Items, options, 20, 4, -1), Throws.InstanceOf<ArgumentOutOfRangeException>());
    }

    private ExploredItem[] Serve(Explorer explorer, long request)
    {
        var slate = new ExploredItem[4];
        ExplorationReport report = explorer.Explore(_problem.H, _head, _scores, _problem.Excluded, _problem.Filter, request, slate);
        return slate[..report.Count];
    }
}
