using KernelPolicy.Index;
using KernelPolicy.Kernels;
using KernelPolicy.Policy;
using KernelPolicy.Tests.Reference;
using KernelPolicy.Tests.Serving.Exploration;
using KernelPolicy.Tests.Support;
using NUnit.Framework;

namespace KernelPolicy.Tests.Serving;

/// <summary>Exploration by a recommender: the law over what may be served, bans and filters together, and what is refused.</summary>
public sealed class RecommenderExplorationTests
{
    // Scores in single precision, of head and reference: 2·γ_13·20 and less, over the least temperature here.
    private const double Single = 1e-3;

    private static readonly ExplorationOptions Softmax = new() { Kind = ExplorationKind.Softmax, Temperature = 3, Seed = 21 };

    private ServingCase _case = null!;
    private Recommender _recommender = null!;

    [SetUp]
    public void Build()
    {
        _case = new ServingCase();
        _recommender = new Recommender(_case.Policy, _case.Index);
    }

    [TearDown]
    public void Free()
    {
        _recommender.Dispose();
        _case.Dispose();
    }

    [Test]
    public void Slates_follow_the_policy_over_what_may_be_served(
        [Values(0.5, 3, 100)] double temperature, [Values(null, 1, 500)] int? headItems, [Values] bool restricted)
    {
        const int requests = 10_000;
        float[] context = _case.Context(1);
        bool[] mayShow = Restrict(context, restricted, out ItemFilter? filter, out int[] excluded);
        double[] policy = Policy(context, mayShow, temperature), errors = new double[requests];
        int items = mayShow.Count(may => may);
        ExplorationOptions options = Softmax with { Temperature = temperature, HeadItems = headItems, TailDraws = 1000 };
        int[] counts = new int[_case.ItemCount];
        var slate = new ExploredItem[1];
        for (int request = 0; request < requests; request++)
        {
            ExplorationReport report = _recommender.Explore(
                context, slate, options, (ulong)request, new RecommendationScope { Allowed = filter, Excluded = excluded });
            int item = slate[0].Item;
            // Asked of NUnit only where it does not hold: its constraints cost more than the draw.
            if (!mayShow[item] || report.HeadItems + report.TailItems != items || !report.NoMissSeen)
                Assert.Fail($"Request {request}: item {item} of {items}, which it may{(mayShow[item] ? "" : " not")} be; {report}");
            counts[item]++;
            errors[request] = Math.Abs(slate[0].LogPropensity - Math.Log(policy[item]));
        }

        Law.AssertCounts(counts, policy, "items");
        Assert.That(errors.Max(), Is.LessThan(Single / Math.Min(1, temperature)), "l covers the tail, so propensities are exact");
    }

    /// <summary>Each place given those before it.</summary>
    [Test]
    public void Slates_have_the_propensities_of_Plackett_and_Luce()
    {
        float[] context = _case.Context(2);
        double[] logits = [.. _case.Scores(context).Select(f => f / 3)];
        var slate = new ExploredItem[5];
        for (ulong request = 0; request < 50; request++)
        {
            Assert.That(_recommender.Explore(context, slate, Softmax, request).Count, Is.EqualTo(5));
            double[] exact = PlackettLuce.Propensities(logits, [.. slate.Select(at => at.Item)]);
            for (int i = 0; i < slate.Length; i++)
                Assert.That(slate[i].LogPropensity, Is.EqualTo(Math.Log(exact[i])).Within(Single));
        }
    }

    [Test]
    public void Epsilon_greedy_follows_its_rule([Values] bool restricted)
    {
        const double epsilon = 0.3;
        float[] context = _case.Context(1);
        bool[] mayShow = Restrict(context, restricted, out ItemFilter? filter, out int[] excluded);
        int best = _case.Ranked(context).First(item => mayShow[item]), all = mayShow.Count(may => may);
        double[] law = [.. mayShow.Select((may, item) => may ? (epsilon / all) + (item == best ? 1 - epsilon : 0) : 0)];
        ExplorationOptions options = new() { Kind = ExplorationKind.EpsilonGreedy, Epsilon = epsilon };
        int[] counts = new int[law.Length];
        var slate = new ExploredItem[1];
        for (ulong request = 0; request < 20_000; request++)
        {
            _recommender.Explore(context, slate, options, request, new RecommendationScope { Allowed = filter, Excluded = excluded });
            counts[slate[0].Item]++;
            Assert.That(slate[0].Propensity, Is.EqualTo(law[slate[0].Item]).Within(1e-15));
        }

        Law.AssertCounts(counts, law, "items");
    }

    [Test]
    public void Without_exploration_it_recommends()
    {
        float[] context = _case.Context(4), scores = new float[8];
        int[] items = new int[8], excluded = _case.Ranked(context)[..3];
        RecommendationScope scope = new() { Excluded = excluded };
        var slate = new ExploredItem[8];
        _recommender.Recommend(context, items, scores, scope);
        Assert.That(_recommender.Explore(context, slate, new ExplorationOptions(), 7, scope).Count, Is.EqualTo(8));
        Assert.That(slate.Select(at => at.Item), Is.EqualTo(items));
        Assert.That(slate.Select(at => at.Score), Is.EqualTo(scores));
        Assert.That(slate.Select(at => at.Propensity), Is.All.EqualTo(1));
    }

    [Test]
    public void A_history_is_the_context_of_its_mean()
    {
        int[] history = [3, 77, 3, 410];
        int alike = 0;
        ExploredItem[] slate = new ExploredItem[4], expected = new ExploredItem[4];
        for (ulong request = 0; request < 100; request++)
        {
            _recommender.ExploreFor(history, slate, Softmax, request);
            _recommender.Explore(_case.MeanOf(history), expected, Softmax, request);
            alike += slate.Select(at => at.Item).SequenceEqual(expected.Select(at => at.Item)) ? 1 : 0;
        }

        Assert.That(alike, Is.GreaterThan(95), "contexts that differ by rounding");
    }

    /// <summary>Whatever was asked before, of whatever size and by whatever options, and on whichever thread.</summary>
    [Test]
    public void A_slate_is_a_function_of_seed_and_request()
    {
        ExplorationOptions flat = Softmax with { Temperature = 30 };
        float[] context = _case.Context(5);
        ExploredItem[][] alone = [.. Enumerable.Range(0, 64).Select(request => Fresh(request))];
        var same = new ExploredItem[64][];
        Parallel.For(0, 64, request =>
        {
            var large = new ExploredItem[1 + (request * 7)];
            _recommender.Explore(context, large, flat, 1000, new RecommendationScope { Excluded = [.. Enumerable.Range(0, request)] });
            for (int i = 0; i < RecentExplorers.Kept; i++)
                _recommender.Explore(context, large, flat with { Seed = (ulong)i }, 1000);
            same[request] = new ExploredItem[3];
            _recommender.Explore(context, same[request], flat, (ulong)request);
        });
        Assert.That(same, Is.EqualTo(alone));
        Assert.That(alone.Select(slate => slate[0].Item).Distinct().Count(), Is.GreaterThan(5), "requests differ");

        ExploredItem[] Fresh(int request)
        {
            using Recommender recommender = new(_case.Policy, _case.Index);
            var slate = new ExploredItem[3];
            recommender.Explore(context, slate, flat, (ulong)request);
            return slate;
        }
    }

    [Test]
    public void A_request_allocates_nothing([Values] ExplorationKind kind)
    {
        float[] context = _case.Context(1);
        int[] history = [1, 2, 3];
        ItemFilter filter = ItemFilter.Ban(_case.ItemCount, [4, 5]);
        ExplorationOptions options = Softmax with { Kind = kind }, other = options with { Seed = 3 };
        var slate = new ExploredItem[6];
        ulong request = 0;
        _recommender.Ban(9);
        Allocations.AssertNone(() => _recommender.Explore(context, slate, options, request++));
        Allocations.AssertNone(() => _recommender.Explore(context, slate, request % 2 == 0 ? options : other, request++));
        Allocations.AssertNone(() => _recommender.Explore(
            context, slate, options, request++, new RecommendationScope { Allowed = filter, Excluded = history }));
        Allocations.AssertNone(() => _recommender.ExploreFor(history, slate, options, request++));
    }

    [Test]
    public void Items_added_and_removed_count_from_the_next_request([Values] ExplorationKind kind)
    {
        float[] context = _case.Context(3);
        int[] ranked = _case.Ranked(context);
        ExplorationOptions options = Softmax with { Kind = kind, Temperature = 1e-6, Epsilon = 0 };
        var slate = new ExploredItem[1];
        _recommender.Remove(ranked[0]);
        _recommender.Explore(context, slate, options, 1);
        Assert.That(slate[0].Item, Is.EqualTo(ranked[1]));
        using Matrix added = new(1, _case.Dimension);
        _case.Policy.Items.Row(ranked[0]).CopyTo(added.Row(0));
        foreach (ref float value in added.Row(0))
            value *= 2;
        int item = _recommender.Add(["new"], added, _case.Team);
        ExplorationReport report = _recommender.Explore(context, slate, options, 1);
        Assert.That(slate[0].Item, Is.EqualTo(item));
        Assert.That(report.HeadItems + report.TailItems, Is.EqualTo(_case.ItemCount));
    }

    [Test]
    public void Where_few_are_left_so_many_come([Values] ExplorationKind kind)
    {
        float[] context = _case.Context(2);
        ExplorationOptions options = Softmax with { Kind = kind };
        var slate = new ExploredItem[10];
        int[] all = [.. Enumerable.Range(0, _case.ItemCount)];
        RecommendationScope scope = new() { Allowed = ItemFilter.Allow(_case.ItemCount, [5, 9, 11]), Excluded = all.AsSpan(9, 1) };
        _recommender.Ban(11);
        Assert.That(_recommender.Explore(context, slate, options, 1, scope).Count, Is.EqualTo(1));
        Assert.That((slate[0].Item, slate[0].Propensity), Is.EqualTo((5, 1.0)));
        scope = new() { Allowed = ItemFilter.Allow(_case.ItemCount, []) };
        Assert.That(_recommender.Explore(context, slate, options, 1, scope).Count, Is.Zero);
        scope = new() { Excluded = all };
        Assert.That(_recommender.Explore(context, slate, options, 1, scope).Count, Is.Zero);
        Assert.That(_recommender.Explore(context, new ExploredItem[_case.ItemCount], options, 1).Count, Is.EqualTo(_case.ItemCount - 1));
    }

    [Test]
    public void Mistakes_are_named([Values] ExplorationKind kind)
    {
        ExplorationOptions options = new() { Kind = kind };
        float[] context = _case.Context(0), nan = [.. context], huge = new float[_case.Dimension];
        var slate = new ExploredItem[3];
        nan[4] = float.NaN;
        Array.Fill(huge, float.MaxValue);
        using (Assert.EnterMultipleScope())
        {
            Refused(() => _recommender.Explore(context.AsSpan(1), slate, options, 0), "11 numbers", "takes 12");
            Refused(() => _recommender.Explore(nan, slate, options, 0), "Number 4", "NaN");
            Refused(() => _recommender.Explore(huge, slate, options, 0), "not finite");
            Refused(() => _recommender.Explore(context, [], options, 0), "0 places", "1 to the 500");
            Refused(() => _recommender.Explore(context, new ExploredItem[501], options, 0), "501 places");
            Refused(() => _recommender.Explore(context, slate, null!, 0), "options");
            Refused(() => _recommender.Explore(context, slate, options with { Temperature = -1 }, 0), "temperature");
            Refused(() => _recommender.Explore(context, slate, options, 1UL << 56), "request");
            Refused(() => _recommender.Explore(context, slate, options, 0, new RecommendationScope { Excluded = [500] }), "Item 500");
            Refused(() => _recommender.ExploreFor([500], slate, options, 0), "item 500");
        }

        _recommender.Dispose();
        Assert.That(() => _recommender.Explore(context, slate, options, 0), Throws.InstanceOf<ObjectDisposedException>());

        static void Refused(Action act, params string[] parts)
        {
            ArgumentException? e = Assert.Catch<ArgumentException>(() => act());
            foreach (string part in parts)
                Assert.That(e!.Message, Does.Contain(part));
        }
    }

    /// <summary>Bans of the index, a filter of the caller's that overlaps them, and items left out: of head and tail each.</summary>
    private bool[] Restrict(float[] context, bool restricted, out ItemFilter? filter, out int[] excluded)
    {
        bool[] mayShow = new bool[_case.ItemCount];
        Array.Fill(mayShow, true);
        (filter, excluded) = (null, []);
        if (!restricted)
            return mayShow;
        int[] ranked = _case.Ranked(context);
        int[] banned = [ranked[0], ranked[5], ranked[300], ranked[499]], filtered = [ranked[1], ranked[5], .. ranked[100..250]];
        excluded = [ranked[2], ranked[7], ranked[7], ranked[400], ranked[120]];
        _recommender.Ban(banned);
        filter = ItemFilter.Ban(_case.ItemCount, filtered);
        foreach (int item in (int[])[.. banned, .. filtered, .. excluded])
            mayShow[item] = false;
        return mayShow;
    }

    private double[] Policy(float[] context, bool[] mayShow, double temperature)
    {
        int[] shown = [.. Enumerable.Range(0, mayShow.Length).Where(item => mayShow[item])];
        double[] scores = _case.Scores(context), policy = new double[mayShow.Length];
        double[] weights = Reference.Softmax.Weights([.. shown.Select(item => scores[item] / temperature)]);
        for (int i = 0; i < shown.Length; i++)
            policy[shown[i]] = weights[i];
        return policy;
    }
}
