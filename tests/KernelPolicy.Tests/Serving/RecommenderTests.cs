using KernelPolicy.Index;
using KernelPolicy.Kernels;
using KernelPolicy.Policy;
using KernelPolicy.Tests.Support;
using NUnit.Framework;

namespace KernelPolicy.Tests.Serving;

/// <summary>What is recommended, to whom, out of what; what is refused.</summary>
public sealed class RecommenderTests
{
    private const int N = 10;

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

    /// <summary>Sums of L = 12 products, twice, of numbers below 20: 2·γ_13·20·12·… is below 1e-3; scores of neighbours in rank may
    /// swap only where they are closer than that.</summary>
    [Test]
    public void The_best_items_are_recommended_with_their_scores([Values(1, N, 500)] int n, [Values] bool hasBias)
    {
        using ServingCase other = new(hasBias: hasBias, seed: 9);
        using Recommender recommender = new(other.Policy, other.Index);
        int[] items = new int[n];
        float[] scores = new float[n];
        for (int number = 0; number < 5; number++)
        {
            float[] context = other.Context(number);
            Assert.That(recommender.Recommend(context, items, scores), Is.EqualTo(n));
            double[] expected = other.Scores(context), best = [.. expected.OrderDescending()];
            Assert.That(items, Is.Unique);
            for (int rank = 0; rank < n; rank++)
            {
                Assert.That(scores[rank], Is.EqualTo(expected[items[rank]]).Within(1e-3));
                Assert.That(expected[items[rank]], Is.EqualTo(best[rank]).Within(1e-3));
            }
        }
    }

    [Test]
    public void A_history_is_the_mean_of_its_items()
    {
        int[] history = [3, 77, 3, 410];
        int[] items = new int[N], expected = new int[N];
        float[] scores = new float[N], expectedScores = new float[N];
        _recommender.RecommendTo(history, items, scores);
        _recommender.Recommend(_case.MeanOf(history), expected, expectedScores);
        Assert.That(items, Is.EqualTo(expected));
        Assert.That(scores, Is.EqualTo(expectedScores).Within(1e-4f));

        // Nobody's history: the context is zero.
        _recommender.RecommendTo([], items, scores);
        _recommender.Recommend(new float[_case.Dimension], expected, expectedScores);
        Assert.That(items, Is.EqualTo(expected));
    }

    [Test]
    public void A_long_history_is_summed_in_parts()
    {
        int[] history = Seeded.Items(4, 1500, _case.ItemCount), items = new int[N], expected = new int[N];
        float[] scores = new float[N];
        _recommender.RecommendTo(history, items, scores);
        _recommender.Recommend(_case.MeanOf(history), expected, scores);
        Assert.That(items, Is.EqualTo(expected));
    }

    [Test]
    public void Items_left_out_are_passed_over([Values(1, 5, 300)] int excluded)
    {
        float[] context = _case.Context(1);
        int[] ranked = _case.Ranked(context), items = new int[N], out_ = ranked[..excluded];
        int[] twice = [.. out_, .. out_.Reverse()];
        Assert.That(_recommender.Recommend(context, items, new float[N], new RecommendationScope { Excluded = twice }), Is.EqualTo(N));
        Assert.That(items, Is.EqualTo(ranked[excluded..(excluded + N)]));
    }

    [Test]
    public void Where_few_are_left_so_many_come()
    {
        float[] context = _case.Context(2);
        int[] ranked = _case.Ranked(context), items = new int[N];
        RecommendationScope scope = new() { Excluded = ranked.AsSpan(0, ranked.Length - 3) };
        Assert.That(_recommender.Recommend(context, items, new float[N], scope), Is.EqualTo(3));
        Assert.That(items[..3], Is.EqualTo(ranked[^3..]));
        scope = new() { Allowed = ItemFilter.Allow(_case.ItemCount, [5, 9]), Excluded = [9] };
        Assert.That(_recommender.Recommend(context, items, new float[N], scope), Is.EqualTo(1));
        Assert.That(items[0], Is.EqualTo(5));
        Assert.That(
            _recommender.Recommend(context, items, new float[N], new RecommendationScope { Allowed = ItemFilter.Allow(_case.ItemCount, []) }), Is.Zero);
    }

    [Test]
    public void Batches_give_what_single_requests_give()
    {
        const int B = 33;
        using Matrix contexts = new(B, _case.Dimension);
        for (int row = 0; row < B; row++)
            _case.Context(row).CopyTo(contexts.Row(row));
        SparseRows histories = SparseRows.FromLists([.. Enumerable.Range(0, B).Select(row => Seeded.Items(row, row, _case.ItemCount))]);
        TopK byContext = new(B, N), byHistory = new(B, N);
        _recommender.Recommend(contexts, B, N, byContext, _case.Team, null, histories);
        _recommender.RecommendTo(histories, N, byHistory, _case.Team);
        int[] items = new int[N];
        float[] scores = new float[N];
        for (int row = 0; row < B; row++)
        {
            int found = _recommender.Recommend(contexts.Row(row), items, scores, new RecommendationScope { Excluded = histories[row] });
            Assert.That(byContext.Items(row).ToArray(), Is.EqualTo(items[..found]));
            Assert.That(byContext.Scores(row).ToArray(), Is.EqualTo(scores[..found]));
            _recommender.RecommendTo(histories[row], items, scores);
            Assert.That(byHistory.Items(row).ToArray(), Is.EqualTo(items));
        }
    }

    [Test]
    public void A_request_allocates_nothing()
    {
        float[] context = _case.Context(1), scores = new float[N];
        int[] history = [1, 2, 3], items = new int[N];
        ItemFilter filter = ItemFilter.Ban(_case.ItemCount, [4, 5]);
        TopK result = new(4, N);
        using Matrix contexts = Seeded.Matrix(5, 4, _case.Dimension);
        Allocations.AssertNone(() => _recommender.Recommend(context, items, scores));
        Allocations.AssertNone(() => _recommender.Recommend(context, items, scores, new RecommendationScope { Excluded = history }));
        Allocations.AssertNone(() => _recommender.Recommend(context, items, scores, new RecommendationScope { Allowed = filter }));
        Allocations.AssertNone(() => _recommender.RecommendTo(history, items, scores, new RecommendationScope { Excluded = history }));
        Allocations.AssertNone(() => _recommender.Recommend(contexts, 4, N, result, _case.Team));
        Allocations.AssertNone(() => _recommender.TryFind("item-77", out _));
    }

    [Test]
    public void Items_are_banned_removed_and_added_while_it_serves()
    {
        float[] context = _case.Context(3);
        int[] ranked = _case.Ranked(context), items = new int[N];
        float[] scores = new float[N];
        _recommender.Ban(ranked[0], ranked[1]);
        _recommender.Remove(ranked[2]);
        _recommender.Recommend(context, items, scores);
        Assert.That(items, Is.EqualTo(ranked[3..(N + 3)]));
        _recommender.Unban(ranked[0], ranked[2]);
        _recommender.Recommend(context, items, scores);
        Assert.That(items, Is.EqualTo((int[])[ranked[0], .. ranked[3..(N + 2)]]));
        Assert.That(_recommender.AvailableCount, Is.EqualTo(_case.ItemCount - 2));

        using Matrix added = new(2, _case.Dimension);
        _case.Policy.Items.Row(ranked[0]).CopyTo(added.Row(0));
        foreach (ref float value in added.Row(0))
            value *= 2;
        Assert.That(_recommender.Add(["new", "newer"], added, _case.Team), Is.EqualTo(_case.ItemCount));
        _recommender.Recommend(context, items, scores);
        Assert.That(items[0], Is.EqualTo(_case.ItemCount));
        Assert.That(_recommender.IdOf(items[0]), Is.EqualTo("new"));
        Assert.That(_recommender.TryFind("newer", out int newer) && newer == _case.ItemCount + 1, Is.True);
        Assert.That(() => _recommender.Add(["new"], Seeded.Matrix(1, 1, _case.Dimension), _case.Team), Throws.ArgumentException);
        Assert.That(() => _recommender.Add(["item-3"], Seeded.Matrix(1, 1, _case.Dimension), _case.Team), Throws.ArgumentException);
        Assert.That(() => _recommender.Add(["a", "b"], Seeded.Matrix(1, 1, _case.Dimension), _case.Team), Throws.ArgumentException);

        // Refused by the index after it was named: the name is free again.
        using Matrix bad = new(1, _case.Dimension);
        bad.Row(0)[0] = float.NaN;
        Assert.That(() => _recommender.Add(["c"], bad, _case.Team), Throws.ArgumentException);
        Assert.That(() => _recommender.IdOf(_case.ItemCount + 2), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(_recommender.Add(["c"], Seeded.Matrix(1, 1, _case.Dimension), _case.Team), Is.EqualTo(_case.ItemCount + 2));
    }

    [Test]
    public void Mistakes_are_named()
    {
        int[] items = new int[N];
        float[] context = _case.Context(0), scores = new float[N];
        float[] nan = [.. context], infinite = [.. context], huge = new float[_case.Dimension];
        nan[4] = float.NaN;
        infinite[7] = float.NegativeInfinity;
        Array.Fill(huge, float.MaxValue);
        using (Assert.EnterMultipleScope())
        {
            Refused(() => _recommender.Recommend(context.AsSpan(1), items, scores), "11 numbers", "takes 12");
            Refused(() => _recommender.Recommend(nan, items, scores), "Number 4", "NaN");
            Refused(() => _recommender.Recommend(infinite, items, scores), "Number 7");
            Refused(() => _recommender.Recommend(huge, items, scores), "not finite");
            Refused(() => _recommender.Recommend(context, [], scores), "1 to the 500");
            Refused(() => _recommender.Recommend(context, new int[501], new float[501]), "501", "1 to the 500");
            Refused(() => _recommender.Recommend(context, items, scores.AsSpan(1)), "9 scores");
            Refused(() => _recommender.RecommendTo([1, 500], items, scores), "item 500", "0 to 499");
            Refused(() => _recommender.RecommendTo([-1], items, scores), "item -1");
            Refused(() => _recommender.Recommend(context, items, scores, new RecommendationScope { Excluded = [500] }), "Item 500");
            Refused(() => _recommender.Ban(500), "500");
            Refused(() => _recommender.IdOf(-1), "-1");
            Refused(() => _ = new Recommender(_case.Policy, _case.Index, new RecommenderOptions { EfSearch = 0 }), "EfSearch");
        }

        Assert.That(_recommender.TryFind("nobody", out int nobody) || nobody != -1 && nobody != 0, Is.False);
        _recommender.Dispose();
        _recommender.Dispose();
        Assert.That(() => _recommender.Recommend(context, items, scores), Throws.InstanceOf<ObjectDisposedException>());
        Assert.That(() => _recommender.IdOf(1), Throws.InstanceOf<ObjectDisposedException>());
        Assert.That(() => _recommender.Ban(1), Throws.InstanceOf<ObjectDisposedException>());

        static void Refused(Action act, params string[] parts)
        {
            ArgumentException? e = Assert.Catch<ArgumentException>(() => act());
            foreach (string part in parts)
                Assert.That(e!.Message, Does.Contain(part));
        }
    }
}
