using KernelPolicy.Index;
using KernelPolicy.Kernels;
using KernelPolicy.Policy;
using KernelPolicy.Tests.Support;
using NUnit.Framework;

namespace KernelPolicy.Tests.Serving;

/// <summary>The edges of what may be asked: each mistake is named with its value and range, and what is small or empty is
/// answered.</summary>
public sealed class RecommenderEdgeTests
{
    private const int N = 10;

    private readonly int[] _items = new int[N];
    private readonly float[] _scores = new float[N];
    private readonly ExploredItem[] _slate = new ExploredItem[N];
    private readonly ExplorationOptions _softmax = new() { Kind = ExplorationKind.Softmax };
    private ServingCase _case = null!;
    private Recommender _recommender = null!;

    [SetUp]
    public void Build()
    {
        _case = new ServingCase(items: 50);
        _recommender = new Recommender(_case.Policy, _case.Index);
    }

    [TearDown]
    public void Free()
    {
        _recommender.Dispose();
        _case.Dispose();
    }

    [Test]
    public void Numbers_that_are_not_finite_are_named([Values(float.NaN, float.PositiveInfinity, float.NegativeInfinity)] float value, [Values(0, 5, 11)] int at)
    {
        float[] context = _case.Context(1);
        context[at] = value;
        string expected = $"Number {at} of the context is {value}; all must be finite.";
        Refused(() => _recommender.Recommend(context, _items, _scores), expected);
        Refused(() => _recommender.Explore(context, _slate, _softmax, 1), expected);
        using Matrix contexts = Seeded.Matrix(1, 3, 12);
        context.CopyTo(contexts.Row(2));
        Refused(() => _recommender.Recommend(contexts, 3, N, new TopK(3, N), _case.Team), expected);
    }

    [Test]
    public void Contexts_of_another_length_are_named([Values(0, 1, 11, 13, 1000)] int length)
    {
        string expected = $"The context has {length} numbers; the policy takes 12.";
        Refused(() => _recommender.Recommend(new float[length], _items, _scores), expected);
        Refused(() => _recommender.Explore(new float[length], _slate, _softmax, 1), expected);
        if (length == 0)
            return;
        using Matrix contexts = new(2, length);
        Refused(() => _recommender.Recommend(contexts, 2, N, new TopK(2, N), _case.Team), expected);
    }

    /// <summary>The context is finite, and h; h·β is not.</summary>
    [Test]
    public void Scores_beyond_single_precision_are_refused()
    {
        Matrix theta = new(2, 2), items = new(3, 2);
        theta.Row(0)[0] = theta.Row(1)[1] = 1;
        foreach (int item in (int[])[0, 1, 2])
            items.Row(item).Fill(1e18f * (item + 1));
        using SoftmaxPolicy policy = new(theta, items, ["a", "b", "c"], new Dictionary<string, string>());
        using HnswIndex index = HnswIndex.Build(items, null, _case.Team);
        using Recommender recommender = new(policy, index);
        foreach (float[] context in (float[][])[[1e38f, 1e38f], [1e38f, -1e38f], [-1e38f, -1e38f]])
        {
            Refused(() => recommender.Recommend(context, new int[1], new float[1]), "not finite", "1E+38");
            Refused(() => recommender.Recommend(context, new int[1], new float[1], new RecommendationScope { Excluded = [0] }), "not finite");
            Refused(() => recommender.Explore(context, new ExploredItem[1], _softmax, 1), "not finite");
        }

        Refused(() => recommender.Recommend([float.MaxValue, float.MaxValue], new int[1], new float[1]), "not finite");
        Assert.That(recommender.Recommend([1, 1], new int[1], new float[1]), Is.EqualTo(1));
    }

    [Test]
    public void Unknown_items_are_named([Values(-1, 50, int.MaxValue, int.MinValue)] int item)
    {
        Refused(() => _recommender.RecommendTo([3, item], _items, _scores), $"item {item}", "0 to 49");
        Refused(() => _recommender.ExploreFor([3, item], _slate, _softmax, 1), $"item {item}", "0 to 49");
        Refused(() => _recommender.Recommend(_case.Context(1), _items, _scores, new RecommendationScope { Excluded = [3, item] }), $"Item {item}", "0 to 49");
        Refused(() => _recommender.Explore(_case.Context(1), _slate, _softmax, 1, new RecommendationScope { Excluded = [3, item] }), $"Item {item}", "0 to 49");
        SparseRows histories = SparseRows.FromLists([[1], [3, item]]), known = SparseRows.FromLists([[1], [2]]);
        Refused(() => _recommender.RecommendTo(histories, N, new TopK(2, N), _case.Team), $"item {item}", "0 to 49");
        Refused(() => _recommender.RecommendTo(known, N, new TopK(2, N), _case.Team, null, histories), $"Item {item}", "0 to 49");
        Refused(() => _recommender.Ban(3, item), $"{item}", "0 to 49");
        Refused(() => _recommender.Unban(3, item), $"{item}", "0 to 49");
        Refused(() => _recommender.Remove(3, item), $"{item}", "0 to 49");
        Refused(() => _recommender.IdOf(item), $"{item}", "0 to 49");
        Assert.That(_recommender.AvailableCount, Is.EqualTo(50), "nothing has changed");
    }

    [Test]
    public void No_room_and_too_much_room_are_named([Values(0, 51, 5000)] int n)
    {
        int[] items = new int[n];
        float[] scores = new float[n];
        string[] expected = [$"{n} ", "1 to the 50"];
        Refused(() => _recommender.Recommend(_case.Context(1), items, scores), expected);
        Refused(() => _recommender.RecommendTo([], items, scores), expected);
        Refused(() => _recommender.Explore(_case.Context(1), new ExploredItem[n], _softmax, 1), expected);
        using Matrix contexts = Seeded.Matrix(1, 3, 12);
        if (n > 0)
            Refused(() => _recommender.Recommend(contexts, 3, n, new TopK(3, n), _case.Team), expected);
        Refused(() => _recommender.Recommend(contexts, 3, n, new TopK(3, N), _case.Team), "3 × 10", $"3 × {n}");
    }

    [Test]
    public void What_is_null_is_named()
    {
        TopK result = new(1, N);
        using Matrix contexts = Seeded.Matrix(1, 1, 12);
        SparseRows rows = SparseRows.FromLists([[1]]);
        foreach ((Action act, string name) in ((Action, string)[])
            [
                (() => _recommender.Recommend(null!, 1, N, result, _case.Team), "contexts"),
                (() => _recommender.Recommend(contexts, 1, N, null!, _case.Team), "result"),
                (() => _recommender.Recommend(contexts, 1, N, result, null!), "team"),
                (() => _recommender.RecommendTo(null!, N, result, _case.Team), "histories"),
                (() => _recommender.RecommendTo(rows, N, null!, _case.Team), "result"),
                (() => _recommender.Explore(_case.Context(1), _slate, null!, 1), "options"),
                (() => _recommender.Add(null!, contexts, _case.Team), "ids"),
                (() => _recommender.Add(["x"], null!, _case.Team), "vectors"),
                (() => _recommender.Add(["x"], contexts, null!), "team"),
                (() => _recommender.Add([null!], contexts, _case.Team), "ids"),
                (() => _ = new Recommender(null!), "bundle"),
                (() => _ = new Recommender(null!, _case.Index), "policy"),
                (() => _ = new Recommender(_case.Policy, null!), "index"),
                (() => Recommender.Open(null!), "path"),
            ])
        {
            ArgumentNullException? e = Assert.Throws<ArgumentNullException>(act);
            Assert.That(e!.ParamName, Does.EndWith(name).IgnoreCase);
        }

        Refused(() => _recommender.Add([""], contexts, _case.Team), "ids");
        Refused(() => _recommender.Add([], new Matrix(0, 12), _case.Team), "0 new items", "1 to");
        Refused(() => _recommender.Add(["x"], new Matrix(1, 11), _case.Team), "11 columns", "12");
        Refused(() => _recommender.Add(["x", "x"], new Matrix(2, 12), _case.Team), "'x'");
        Refused(() => Recommender.Open(""), "path");
        Refused(() => Recommender.Open("x", new RecommenderOptions { Verification = (BundleVerification)7 }), "7", "Full or Sizes");
        Refused(() => _ = new Recommender(_case.Policy, _case.Index, new RecommenderOptions { EfSearch = -3 }), "-3");
        Assert.That((_recommender.ItemCount, _recommender.TryFind("x", out _), _recommender.TryFind(null, out _)), Is.EqualTo((50, false, false)));
    }

    [Test]
    public void What_is_empty_is_answered()
    {
        using Matrix contexts = Seeded.Matrix(1, 1, 12);
        TopK result = new(1, N);
        _recommender.Recommend(contexts, 0, N, result, _case.Team);
        _recommender.RecommendTo(SparseRows.FromLists([]), N, result, _case.Team);
        Refused(() => _recommender.Recommend(contexts, -1, N, result, _case.Team), "-1 contexts", "1");
        Refused(() => _recommender.Recommend(contexts, 2, N, new TopK(2, N), _case.Team), "2 contexts", "1");
        Refused(() => _recommender.RecommendTo(SparseRows.FromLists([[], []]), N, result, _case.Team), "1 × 10", "2 × 10");
        Refused(() => _recommender.RecommendTo(SparseRows.FromLists([[]]), N, result, _case.Team, null, SparseRows.FromLists([])), "0 lists", "1 contexts");
        _recommender.Ban();
        _recommender.Unban();
        _recommender.Remove();
        Assert.That(_recommender.RecommendTo([], _items, _scores, new RecommendationScope { Excluded = [] }), Is.EqualTo(N));
        Assert.That(
            _recommender.Explore(_case.Context(1), _slate, _softmax, 1, new RecommendationScope { Allowed = ItemFilter.Allow(0, []) }).Count, Is.Zero);
        int[] all = [.. Enumerable.Range(0, 50)];
        Assert.That(_recommender.Recommend(_case.Context(1), _items, _scores, new RecommendationScope { Excluded = all }), Is.Zero);
        Assert.That(_recommender.Explore(_case.Context(1), _slate, _softmax, 1, new RecommendationScope { Excluded = all }).Count, Is.Zero);
    }

    [Test]
    public void A_catalogue_of_one_item_serves()
    {
        using ServingCase one = new(items: 1);
        using Recommender recommender = new(one.Policy, one.Index);
        Assert.That(recommender.Recommend(one.Context(1), _items.AsSpan(0, 1), _scores), Is.EqualTo(1));
        Assert.That((_items[0], (double)_scores[0]), Is.EqualTo((0, one.Scores(one.Context(1))[0])).Within(1e-4));
        Assert.That(recommender.RecommendTo([0, 0], _items.AsSpan(0, 1), _scores, new RecommendationScope { Excluded = [0] }), Is.Zero);
        foreach (ExplorationKind kind in Enum.GetValues<ExplorationKind>())
        {
            Assert.That(recommender.Explore(one.Context(1), _slate.AsSpan(0, 1), new ExplorationOptions { Kind = kind }, 1).Count, Is.EqualTo(1));
            Assert.That((_slate[0].Item, _slate[0].Propensity), Is.EqualTo((0, 1.0)));
        }

        recommender.Ban(0);
        Assert.That(recommender.Recommend(one.Context(1), _items.AsSpan(0, 1), _scores), Is.Zero);
        using Matrix vector = Seeded.Matrix(1, 1, 12);
        Assert.That(recommender.Add(["second"], vector, one.Team), Is.EqualTo(1));
        Assert.That((recommender.Recommend(one.Context(1), _items.AsSpan(0, 2), _scores), _items[0]), Is.EqualTo((1, 1)));
    }

    [Test]
    public void Where_everything_is_banned_or_removed_nothing_comes([Values] bool forGood)
    {
        int[] all = [.. Enumerable.Range(0, 50)];
        if (forGood)
            _recommender.Remove(all);
        else
            _recommender.Ban(all);
        Assert.That((_recommender.AvailableCount, _recommender.ItemCount), Is.EqualTo((0, 50)));
        Assert.That(_recommender.Recommend(_case.Context(1), _items, _scores), Is.Zero);
        Assert.That(_recommender.RecommendTo(all, _items, _scores, new RecommendationScope { Excluded = [1] }), Is.Zero);
        TopK result = new(2, N);
        _recommender.RecommendTo(SparseRows.FromLists([[1], []]), N, result, _case.Team);
        Assert.That((result.Items(0).Length, result.Items(1).Length), Is.EqualTo((0, 0)));
        foreach (ExplorationKind kind in Enum.GetValues<ExplorationKind>())
            Assert.That(_recommender.Explore(_case.Context(1), _slate, new ExplorationOptions { Kind = kind }, 1).Count, Is.Zero);
        _recommender.Unban(all);
        Assert.That(_recommender.Recommend(_case.Context(1), _items, _scores), Is.EqualTo(forGood ? 0 : N));
    }

    [Test]
    public void What_is_disposed_says_so()
    {
        string path = Path.GetTempFileName();
        try
        {
            ServingBundle.Save(path, _case.Policy, _case.Index);
            ServingBundle bundle = ServingBundle.Open(path);
            bundle.Dispose();
            Ended(() => _ = new Recommender(bundle));
            Ended(() => _ = bundle.Ids[0]);
            Ended(() => bundle.Ids.TryFind("item-1", out _));
        }
        finally
        {
            File.Delete(path);
        }

        using Matrix contexts = Seeded.Matrix(1, 1, 12);
        TopK result = new(1, N);
        using (WorkerTeam ended = new(2))
        {
            ended.Dispose();
            Ended(() => _recommender.Recommend(contexts, 1, N, result, ended));
        }

        _recommender.Dispose();
        _recommender.Dispose();
        Ended(() => _recommender.Recommend(_case.Context(1), _items, _scores));
        Ended(() => _recommender.RecommendTo([1], _items, _scores));
        Ended(() => _recommender.Explore(_case.Context(1), _slate, _softmax, 1));
        Ended(() => _recommender.ExploreFor([1], _slate, _softmax, 1));
        Ended(() => _recommender.Recommend(contexts, 1, N, result, _case.Team));
        Ended(() => _recommender.Recommend(contexts, 0, N, result, _case.Team));
        Ended(() => _recommender.RecommendTo(SparseRows.FromLists([[1]]), N, result, _case.Team));
        Ended(() => _recommender.Add(["x"], contexts, _case.Team));
        Ended(() => _recommender.Ban(1));
        Ended(() => _recommender.Unban(1));
        Ended(() => _recommender.Remove(1));
        Ended(() => _recommender.IdOf(1));
        Ended(() => _recommender.TryFind("item-1", out _));
        Ended(() => _ = _recommender.ItemCount);
        Ended(() => _ = _recommender.AvailableCount);

        static void Ended(Action act) => Assert.That(act, Throws.InstanceOf<ObjectDisposedException>());
    }

    /// <summary>A batch is one request: disposing while it runs lets it end. Its later contexts begin long after.</summary>
    [Test]
    public void A_batch_that_runs_at_the_end_is_answered_whole()
    {
        const int B = 20_000;
        using Matrix contexts = Seeded.Matrix(2, B, 12);
        TopK result = new(B, 1);
        using ManualResetEventSlim begun = new();
        Task batch = Task.Run(() =>
        {
            begun.Set();
            _recommender.Recommend(contexts, B, 1, result, _case.Team);
        });
        begun.Wait();
        while (result.Items(0).IsEmpty)
            Thread.Yield();
        _recommender.Dispose();
        Assert.That(batch.Wait(TimeSpan.FromMinutes(1)), Is.True);
        Assert.That(result.Items(B - 1).Length, Is.EqualTo(1));
        Assert.That(() => _recommender.IdOf(0), Throws.InstanceOf<ObjectDisposedException>());
    }

    private static void Refused(Action act, params string[] parts)
    {
        ArgumentException? e = Assert.Catch<ArgumentException>(act);
        foreach (string part in parts)
            Assert.That(e!.Message, Does.Contain(part));
    }
}
