using CsCheck;
using KernelPolicy.Distributed;
using KernelPolicy.Policy;
using KernelPolicy.Tests.Support;
using NUnit.Framework;

namespace KernelPolicy.Tests.Distributed;

/// <summary>Shards together recommend what one recommender over all items does.</summary>
internal sealed class ServingShardedRecommenderTests
{
    private static readonly Gen<(int Items, int Dimension, int Shards, int N, int Excluded, int Seed)> Shapes = Gen.Select(
        Gen.Int[2, 120], Gen.Int[1, 40], Gen.Int[1, 8], Gen.Int[1, 130], Gen.Int[0, 20], Gen.Int[1, 1000]);

    [Test]
    public void The_merged_answer_is_the_unsharded_one_to_the_bit() => Shapes.Sample(
        shape =>
        {
            (int items, int dimension, int shards, int n, int excluded, int seed) = shape;
            using ServingShardCase made = new(Math.Min(shards, items), items, dimension, seed);
            ShardedRecommender sharded = made.Over(made.Open());
            Random random = new(seed);
            int[] left = [.. Enumerable.Range(0, excluded).Select(_ => random.Next(items))];
            float[] context = made.Whole.Context(seed);
            int[] found = new int[Math.Min(n, items)];
            float[] scores = new float[found.Length];
            ShardedAnswer answer = sharded.Recommend(context, found, scores, new ShardedScope { Excluded = left });
            (int[] expected, float[] expectedScores) = made.Expected(context, found.Length, left);
            Assert.That(answer, Is.EqualTo(new ShardedAnswer(expected.Length, 0, 0, items, items)));
            Assert.That(answer.IsComplete && answer.SearchedShare == 1, Is.True);
            Assert.That(found[..answer.Found], Is.EqualTo(expected));
            Assert.That(scores[..answer.Found].Select(BitConverter.SingleToInt32Bits), Is.EqualTo(expectedScores.Select(BitConverter.SingleToInt32Bits)));
        },
        iter: 40);

    [TestCase(10, 190)]
    [TestCase(190, 10)]
    public void Of_equal_scores_in_two_shards_the_smaller_item_is_first(int one, int other)
    {
        using ServingShardCase made = new(4, twins: (one, other));
        ShardedRecommender sharded = made.Over([.. made.Open().Reverse()]);
        int[] all = new int[made.Whole.ItemCount];
        float[] scores = new float[all.Length];
        for (int request = 0; request < 10; request++)
        {
            float[] context = made.Whole.Context(request);
            sharded.Recommend(context, all, scores);
            Assert.That(all, Is.EqualTo(made.Expected(context, all.Length).Items));
            int at = Array.IndexOf(all, 10);
            Assert.That((all[at + 1], scores[at + 1]), Is.EqualTo((190, scores[at])));
        }
    }

    [Test]
    public void Codes_alone_are_searched_as_in_one()
    {
        using ServingShardCase made = new(2, holds: BundleItems.Codes);
        ShardedRecommender sharded = made.Over(made.Open());
        int[] items = new int[5];
        ShardedAnswer answer = sharded.RecommendTo([3, 150], items, new float[5]);
        Assert.That((answer.Found, answer.IsComplete), Is.EqualTo((5, true)));
        Assert.That(items, Is.Unique);
    }

    [Test]
    public void A_history_in_one_shard_is_as_in_one_to_the_bit_and_over_several_within_rounding()
    {
        using ServingShardCase made = new(4, items: 400, dimension: 24);
        ShardedRecommender sharded = made.Over(made.Open());
        Random random = new(3);
        for (int request = 0; request < 40; request++)
        {
            bool isOne = request % 2 == 0;
            int[] history = [.. Enumerable.Range(0, 1 + random.Next(30)).Select(_ => random.Next(isOne ? 100 : 400))];
            int[] items = new int[10], expected = new int[10];
            float[] scores = new float[10], expectedScores = new float[10];
            ShardedAnswer answer = sharded.RecommendTo(history, items, scores, new ShardedScope { Excluded = history });
            made.Recommender.RecommendTo(history, expected, expectedScores, new RecommendationScope { Excluded = history });
            Assert.That((answer.Found, answer.IsComplete), Is.EqualTo((10, true)));
            if (isOne)
            {
                Assert.That(items, Is.EqualTo(expected));
                Assert.That(scores, Is.EqualTo(expectedScores));
                continue;
            }

            // Items of nearly equal scores may change places; the score at a rank moves by no more than the scores themselves.
            double bound = MostDifference(made.Whole.Policy, history);
            for (int rank = 0; rank < 10; rank++)
                Assert.That(scores[rank], Is.EqualTo(expectedScores[rank]).Within(bound), $"request {request}, rank {rank}");
        }
    }

    /// <summary>
    /// How far two ways to add up a history can bring scores apart. A sum of m numbers in any order is off by up to (m − 1)·u·Σ|v|, u = 2⁻²⁴, to
    /// first order, a quotient by u; each of h by (L + 1)·u·Σ|xθ| beside what x is off; each score by L·u·Σ|hβ| beside what h is. Each counts
    /// twice, once for each way; 1 % covers what is of second order.
    /// </summary>
    private static double MostDifference(SoftmaxPolicy policy, int[] history)
    {
        int dimension = policy.Items.Columns, m = history.Length;
        double u = 1.01 * Math.Pow(2, -24), most = 0;
        double[] x = new double[dimension], h = [.. policy.Bias!.Row(0).ToArray().Select(value => (double)Math.Abs(value))], offBy = new double[dimension];
        for (int i = 0; i < dimension; i++)
        {
            x[i] = history.Sum(item => (double)Math.Abs(policy.Items.Row(item)[i])) / m;
            for (int j = 0; j < dimension; j++)
            {
                h[j] += x[i] * Math.Abs(policy.Theta.Row(i)[j]);
                offBy[j] += 2 * m * u * x[i] * Math.Abs(policy.Theta.Row(i)[j]);
            }
        }

        for (int item = 0; item < policy.Items.Rows; item++)
        {
            double off = 0;
            for (int j = 0; j < dimension; j++)
                off += Math.Abs(policy.Items.Row(item)[j]) * (offBy[j] + (2 * ((2 * dimension) + 1) * u * h[j]));
            most = Math.Max(most, off);
        }

        return most;
    }

    [Test]
    public void No_history_is_the_context_of_zeros()
    {
        using ServingShardCase made = new();
        ShardedRecommender sharded = made.Over(made.Open());
        int[] items = new int[5];
        Assert.That(sharded.RecommendTo([], items, new float[5]).Found, Is.EqualTo(5));
        Assert.That(items, Is.EqualTo(made.Expected(new float[made.Whole.Dimension], 5).Items));
    }

    [Test]
    public void Ids_lead_to_items_and_back()
    {
        using ServingShardCase made = new(3);
        ShardedRecommender sharded = made.Over(made.Open());
        int[] items = new int[4];
        Assert.That(sharded.Find(["item-199", "none", "item-0", "item-70"], items), Is.Zero);
        Assert.That(items, Is.EqualTo(new[] { 199, -1, 0, 70 }));
        Assert.That(sharded.IdsOf([70, 3, 199, 70]), Is.EqualTo(new[] { "item-70", "item-3", "item-199", "item-70" }));
        Assert.That(sharded.IdsOf([]), Is.Empty);
        Assert.That(sharded.Find([], []), Is.Zero);
    }

    [Test]
    public void Banned_items_of_a_shard_are_not_recommended()
    {
        using ServingShardCase made = new(3);
        LocalShard[] shards = made.Open();
        ShardedRecommender sharded = made.Over(shards);
        float[] context = made.Whole.Context(1);
        int best = made.Expected(context, 1).Items[0];
        LocalShard holder = shards.Single(shard => best >= shard.Place.First && best < shard.Place.First + shard.Place.Count);
        holder.Recommender.Ban(best - holder.Place.First);
        int[] items = new int[3];
        sharded.Recommend(context, items, new float[3]);
        Assert.That(items, Is.EqualTo(made.Expected(context, 3, best).Items));
    }

    [Test]
    public void Mistakes_are_thrown_and_change_nothing()
    {
        using ServingShardCase made = new();
        ShardedRecommender sharded = made.Over(made.Open());
        float[] context = made.Whole.Context(1), scores = new float[300];
        int[] items = new int[5];
        Assert.That(() => sharded.Recommend(context.AsSpan(1), items, scores), Throws.ArgumentException.With.Message.Contains("11 numbers"));
        Assert.That(() => sharded.Recommend([.. context[..11], float.NaN], items, scores), Throws.ArgumentException.With.Message.Contains("finite"));
        Assert.That(() => sharded.Recommend([.. Enumerable.Repeat(3e38f, 12)], items, scores), Throws.ArgumentException.With.Message.Contains("too large"));
        Assert.That(() => sharded.Recommend(context, new int[201], scores), Throws.ArgumentException.With.Message.Contains("1 to the 200"));
        Assert.That(() => sharded.Recommend(context, [], scores), Throws.ArgumentException);
        Assert.That(() => sharded.Recommend(context, items, new float[4]), Throws.ArgumentException.With.Message.Contains("4 scores"));
        Assert.That(() => sharded.RecommendTo([200], items, scores), Throws.ArgumentException.With.Message.Contains("Item 200"));
        Assert.That(() => sharded.Recommend(context, items, scores, new ShardedScope { Excluded = [-1] }), Throws.ArgumentException.With.Message.Contains("left out"));
        Assert.That(() => sharded.Recommend(context, items, scores, new ShardedScope { Deadline = TimeSpan.Zero }), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => sharded.Find(["a", null!], new int[2]), Throws.ArgumentException.With.Message.Contains("Id 1"));
        Assert.That(() => sharded.IdsOf([-1]), Throws.ArgumentException);
        Assert.That(sharded.Recommend(context, items, scores).IsComplete, Is.True);
        Assert.That(items, Is.EqualTo(made.Expected(context, 5).Items));
    }

    [Test]
    public void Many_requests_at_once_are_all_right()
    {
        using ServingShardCase made = new(3);
        ShardedRecommender sharded = made.Over(made.Open());
        (int[] Items, float[] Scores)[] expected = [.. Enumerable.Range(0, 16).Select(i => made.Expected(made.Whole.Context(i), 7))];
        Parallel.For(0, 400, new ParallelOptions { MaxDegreeOfParallelism = 8 }, request =>
        {
            int[] items = new int[7];
            float[] scores = new float[7];
            ShardedAnswer answer = sharded.Recommend(made.Whole.Context(request % 16), items, scores);
            Assert.That(answer.IsComplete, Is.True);
            Assert.That(items, Is.EqualTo(expected[request % 16].Items));
            Assert.That(scores, Is.EqualTo(expected[request % 16].Scores));
        });
    }

    [Test]
    public void A_request_allocates_nothing_once_warm()
    {
        using ServingShardCase made = new(3);
        ShardedRecommender sharded = made.Over(made.Open());
        float[] context = made.Whole.Context(1), scores = new float[10];
        int[] items = new int[10], history = [3, 90, 150];
        Allocations.AssertNone(() =>
        {
            sharded.Recommend(context, items, scores, new ShardedScope { Excluded = history });
            sharded.RecommendTo(history, items, scores);
        });
    }

    [Test]
    public void Items_that_were_added_to_a_shard_are_not_mistaken_for_the_next_ones()
    {
        using ServingShardCase made = new(2);
        LocalShard[] shards = made.Open();
        ShardedRecommender sharded = made.Over(shards);
        shards[0].Recommender.Add(["new"], Seeded.Matrix(5, 1, made.Whole.Dimension), made.Whole.Team);
        ShardedAnswer answer = sharded.Recommend(made.Whole.Context(1), new int[3], new float[3]);
        Assert.That((answer.MissingShards, answer.IsMissing(0), answer.IsMissing(1)), Is.EqualTo((1UL, true, false)));
        Assert.That(sharded.LastFailureOf(0)!.Message, Does.Contain("none may be added"));
    }
}
