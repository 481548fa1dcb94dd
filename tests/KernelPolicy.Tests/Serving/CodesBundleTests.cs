using KernelPolicy.Index;
using KernelPolicy.Kernels;
using KernelPolicy.Policy;
using KernelPolicy.Tests.Support;
using NUnit.Framework;

namespace KernelPolicy.Tests.Serving;

/// <summary>A bundle that holds the codes of its items alone recommends by the vectors that these stand for.</summary>
public sealed class CodesBundleTests
{
    private const int Twin = 7;
    private string _folder = null!;

    [SetUp]
    public void Make() => _folder = Directory.CreateTempSubdirectory("kernelpolicy-codes-").FullName;

    [TearDown]
    public void Remove() => Directory.Delete(_folder, true);

    [Test]
    public void Items_come_by_the_scores_of_what_their_codes_stand_for([Values] BundleVerification verification)
    {
        using ServingCase one = WithTwins();
        double[][] decoded = Decoded(one);
        using Recommender recommender = Recommender.Open(Saved(one, BundleItems.Codes), new RecommenderOptions { Verification = verification });
        for (int number = 0; number < 10; number++)
        {
            float[] context = one.Context(number);
            Check(recommender, one, decoded, context, (items, scores) => recommender.Recommend(context, items, scores), item => true);
        }
    }

    [TestCase(3)]
    [TestCase(2)]
    [TestCase(40)]
    public void A_filter_that_leaves_few_is_scanned_and_twins_are_both_there(int everyOther)
    {
        using ServingCase one = WithTwins();
        using Recommender recommender = Recommender.Open(Saved(one, BundleItems.Codes));
        Func<int, bool> isAllowed = item => item % everyOther == 0 || item == Twin || item == one.ItemCount - 1;
        ItemFilter filter = ItemFilter.Allow(one.ItemCount, [.. Enumerable.Range(0, one.ItemCount).Where(isAllowed)]);
        float[] context = one.Context(1);
        Check(
            recommender, one, Decoded(one), context,
            (items, scores) => recommender.Recommend(context, items, scores, new RecommendationScope { Allowed = filter }), isAllowed);
    }

    [Test]
    public void A_history_is_the_mean_of_what_its_codes_stand_for()
    {
        using ServingCase one = WithTwins();
        double[][] decoded = Decoded(one);
        using Recommender recommender = Recommender.Open(Saved(one, BundleItems.Codes));
        int[] history = [5, 77, one.ItemCount - 1, 5];
        float[] mean = [.. Enumerable.Range(0, one.Dimension).Select(l => (float)history.Average(item => decoded[item][l]))];
        Check(recommender, one, decoded, mean, (items, scores) => recommender.RecommendTo(history, items, scores), item => true);
    }

    [Test]
    public void It_is_smaller_and_allocates_nothing()
    {
        using ServingCase one = new(dimension: 64);
        string codes = Saved(one, BundleItems.Codes), vectors = Saved(one, BundleItems.Vectors);
        Assert.That(new FileInfo(vectors).Length - new FileInfo(codes).Length, Is.EqualTo((one.ItemCount * 64 * 4) + 64).Within(64));
        using Recommender recommender = Recommender.Open(codes);
        int[] items = new int[10];
        float[] scores = new float[10];
        Allocations.AssertNone(() => recommender.RecommendTo([1, 2], items, scores));
    }

    [Test]
    public void What_needs_vectors_says_so()
    {
        using ServingCase one = new();
        using Recommender recommender = Recommender.Open(Saved(one, BundleItems.Codes));
        using Matrix more = Seeded.Matrix(9, 1, one.Dimension);
        Assert.That(
            () => recommender.Add(["new"], more, one.Team), Throws.InvalidOperationException.With.Message.Contains("codes of its items, not their vectors"));
        Assert.That(recommender.TryFind("new", out _), Is.False, "nothing has changed");
        Assert.That(
            () => recommender.Explore(one.Context(1), new ExploredItem[3], new ExplorationOptions { Kind = ExplorationKind.Softmax }, 1),
            Throws.InvalidOperationException.With.Message.Contains("codes of its items, not their vectors"));
        Assert.That(
            recommender.Explore(one.Context(1), new ExploredItem[3], new ExplorationOptions(), 1).Count, Is.EqualTo(3),
            "what does not explore needs none");
        using RecallMonitor monitor = new(new RecallMonitorOptions());
        Assert.That(
            () => Recommender.Open(Saved(one, BundleItems.Codes), new RecommenderOptions { Monitor = monitor }),
            Throws.InvalidOperationException.With.Message.Contains("codes of its items, not their vectors"));
        Assert.That(recommender.RecommendTo([1], new int[3], new float[3]), Is.EqualTo(3), "and it goes on");
    }

    [Test]
    public void A_graph_that_is_not_walked_by_codes_is_refused()
    {
        using ServingCase one = new();
        using HnswIndex index = HnswIndex.Build(one.Policy.Items, new HnswOptions { Traversal = HnswTraversal.Vectors }, one.Team);
        Assert.That(
            () => ServingBundle.Save(Path.Combine(_folder, "no"), one.Policy, index, BundleItems.Codes), Throws.ArgumentException.With.Message.Contains("codes"));
        Assert.That(
            () => ServingBundle.Save(Path.Combine(_folder, "no"), one.Policy, one.Index, (BundleItems)2), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(Directory.GetFiles(_folder), Is.Empty);
    }

    [Test]
    public void A_decoded_number_is_within_the_stated_part_of_its_rows_largest()
    {
        using Matrix items = Seeded.Matrix(4, 300, 33);
        using WorkerTeam team = new(1);
        using ItemCodes codes = ItemCodes.Encode(items, [], team);
        float[] decoded = new float[33];
        for (int item = 0; item < items.Rows; item++)
        {
            codes.Decode(item, decoded);
            double largest = 0, error = 0;
            for (int l = 0; l < decoded.Length; l++)
            {
                largest = Math.Max(largest, Math.Abs(items.Row(item)[l]));
                error = Math.Max(error, Math.Abs((double)items.Row(item)[l] - decoded[l]));
            }

            Assert.That(error, Is.LessThanOrEqualTo(largest * 0.0043));
        }
    }

    // The last item has the vector of an early one, so that one of them is no node of the graph.
    private static ServingCase WithTwins() => new(twins: (499, Twin));

    private string Saved(ServingCase one, BundleItems items)
    {
        string path = Path.Combine(_folder, $"{items}.kpolicy");
        ServingBundle.Save(path, one.Policy, one.Index, items);
        return path;
    }

    private static double[][] Decoded(ServingCase one)
    {
        using ItemCodes codes = ItemCodes.Encode(one.Policy.Items, [], one.Team);
        return [.. Enumerable.Range(0, one.ItemCount).Select(
            item => Enumerable.Range(0, one.Dimension).Select(l => (double)codes.Scale(item) * (codes.Row(item)[l] - ItemCodes.Zero)).ToArray())];
    }

    private static void Check(
        Recommender recommender, ServingCase one, double[][] decoded, float[] context, Func<int[], float[], int> recommend, Func<int, bool> isAllowed)
    {
        double[] h = one.Query(context);
        double[] expected = [.. decoded.Select(row => row.Zip(h, (b, q) => b * q).Sum())];
        int[] allowed = [.. Enumerable.Range(0, one.ItemCount).Where(isAllowed)], items = new int[Math.Min(12, allowed.Length)];
        float[] scores = new float[items.Length];
        Assert.That(recommend(items, scores), Is.EqualTo(items.Length));
        double[] ranked = [.. allowed.Select(item => expected[item]).OrderDescending()];

        // Sums of L + 1 products and of L, in single precision, each rounded as often as it has terms.
        double magnitude = Enumerable.Range(0, one.Dimension).Sum(j =>
            1 + Enumerable.Range(0, one.Dimension).Sum(i => Math.Abs((double)context[i] * one.Policy.Theta.Row(i)[j])) + Math.Abs(h[j]));
        double tolerance = 2 * (one.Dimension + 1) * Math.Pow(2, -24) * magnitude * decoded.Max(row => row.Max(Math.Abs));
        for (int rank = 0; rank < items.Length; rank++)
        {
            Assert.That(isAllowed(items[rank]), Is.True);
            Assert.That(scores[rank], Is.EqualTo(expected[items[rank]]).Within(tolerance));
            Assert.That(scores[rank], Is.EqualTo(ranked[rank]).Within(tolerance));
        }

        Assert.That(items.Distinct().Count(), Is.EqualTo(items.Length));
        Assert.That(recommender.ItemCount, Is.EqualTo(one.ItemCount));
    }
}
