using KernelPolicy.Distributed;
using KernelPolicy.Index;
using KernelPolicy.Kernels;
using KernelPolicy.Tests.Support;
using NUnit.Framework;

namespace KernelPolicy.Tests.Distributed;

[TestFixture]
public sealed class ShardedIndexTests
{
    private const int Catalogue = 601;
    private const int Dimension = 9;

    /// <summary>Merged over exact indexes, the top K is that of the whole scan, bit for bit, more items asked for than a shard has, and more
    /// queries than are exchanged at once.</summary>
    [Test]
    public void Exact_shards_find_the_exact_top([Values(1, 2, 3, 4)] int ranks, [Values(1, 7, 200, Catalogue)] int k, [Values(1, 300)] int queries)
    {
        using Matrix items = Tied(), h = Seeded.Matrix(2, queries, Dimension);
        using WorkerTeam team = new(1);
        using ExactIndex whole = new(items);
        TopK expected = new(queries, k);
        whole.Search(h, queries, k, expected, team);
        foreach ((int[][] found, float[][] scores) in ShardParts.OfEach(ranks, communicator => Search(communicator, items, h, k, own => new ExactIndex(own))))
        {
            for (int query = 0; query < queries; query++)
            {
                Assert.That(found[query], Is.EqualTo(expected.Items(query).ToArray()), $"query {query}");
                Assert.That(scores[query], Is.EqualTo(expected.Scores(query).ToArray()), $"query {query}");
            }
        }
    }

    [Test]
    public void A_filter_holds_on_every_shard([Values(1, 2, 3, 4)] int ranks, [Values] bool isGraph)
    {
        // None of the last shard's, and fewer than asked for.
        int[] allowed = [0, 5, 63, 64, 65, 130, 149, 150, 151, 199, 200, 201, 299];
        using Matrix items = Tied(), h = Seeded.Matrix(2, 5, Dimension);
        using WorkerTeam team = new(1);
        using ExactIndex whole = new(items);
        ItemFilter filter = ItemFilter.Allow(Catalogue, allowed);
        TopK expected = new(5, 20);
        whole.Search(h, 5, 20, expected, team, filter);
        foreach ((int[][] found, _) in ShardParts.OfEach(ranks, communicator => Search(communicator, items, h, 20, own => Index(own, isGraph), filter)))
        {
            for (int query = 0; query < 5; query++)
                Assert.That(found[query], Is.EqualTo(expected.Items(query).ToArray()), $"query {query}");
        }
    }

    [Test]
    public void A_part_of_a_filter_allows_what_the_whole_does([Values] bool isBan, [Values(0, 1, 63, 64, 100)] int first, [Values(0, 1, 64, 130, 200)] int count)
    {
        int[] named = Seeded.Items(3, 150, 300);
        ItemFilter whole = isBan ? ItemFilter.Ban(300, named) : ItemFilter.Allow(300, named);
        ItemFilter part = whole.Part(first, count);
        Assert.That((part.Items, part.AllowsOthers), Is.EqualTo((count, isBan)));
        bool[] expected = [.. Enumerable.Range(first, count).Select(whole.Allows)];
        Assert.That(Enumerable.Range(0, count).Select(part.Allows), Is.EqualTo(expected));
        Assert.That(part.Allowed, Is.EqualTo(expected.Count(allows => allows)));
        Assert.That(part.Allows(count + 1000), Is.EqualTo(isBan));
        Assert.That(() => whole.Part(first, 301 - first), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => whole.Part(-1, 1), Throws.TypeOf<ArgumentOutOfRangeException>());
    }

    /// <summary>Graphs of the shards, searched widely enough to find all of so few items, are merged as scans are.</summary>
    [Test]
    public void Graphs_of_shards_are_merged([Values(2, 3)] int ranks)
    {
        using Matrix items = Tied(), h = Seeded.Matrix(2, 40, Dimension);
        using WorkerTeam team = new(1);
        using ExactIndex whole = new(items);
        TopK expected = new(40, 10);
        whole.Search(h, 40, 10, expected, team);
        (int[][] Found, float[][])[] made = ShardParts.OfEach(ranks, communicator => Search(communicator, items, h, 10, own => Index(own, isGraph: true)));
        for (int query = 0; query < 40; query++)
        {
            Assert.That(made[0].Found[query], Is.EqualTo(expected.Items(query).ToArray()));
            Assert.That(made[1].Found[query], Is.EqualTo(made[0].Found[query]));
        }
    }

    [Test]
    public void What_does_not_fit_is_refused()
    {
        using Matrix items = Tied(), h = Seeded.Matrix(2, 5, Dimension), wide = new(5, Dimension + 1);
        using ICommunicator solo = LocalRanks.Solo();
        using WorkerTeam team = new(1);
        using ExactIndex own = new(items);
        ItemShards shards = new(Catalogue, 1);
        Matrix shape = Matrix.OfShape(Catalogue, Dimension, "It lies elsewhere.");
        using ShardedIndex index = new(solo, shards, own, shape);
        TopK result = new(5, 10);
        using (Assert.EnterMultipleScope())
        {
            Assert.That((index.Kind, index.Description, index.Bytes), Is.EqualTo(("exact", "exact", 0L)));
            Assert.That(() => index.Search(h, 5, 0, result, team), Throws.TypeOf<ArgumentOutOfRangeException>());
            Assert.That(() => index.Search(h, 6, 1, result, team), Throws.TypeOf<ArgumentOutOfRangeException>());
            Assert.That(() => index.Search(wide, 5, 1, result, team), Throws.ArgumentException);
            Assert.That(() => index.Search(h, 5, 1, result, team, ItemFilter.Ban(Catalogue - 1, [])), Throws.ArgumentException.With.Message.Contains("600 items"));
            Assert.That(() => new ShardedIndex(solo, shards, own, Matrix.OfShape(Catalogue + 1, Dimension, "")), Throws.ArgumentException);
            Assert.That(() => new ShardedIndex(solo, new ItemShards(Catalogue, 2), own, shape), Throws.ArgumentException.With.Message.Contains("2 shards"));
        }
    }

    // Items that repeat: their scores tie, within shards and across.
    private static Matrix Tied()
    {
        Matrix items = Seeded.Matrix(1, Catalogue, Dimension);
        for (int item = 400; item < Catalogue; item++)
            items.PaddedRow(item - 399).CopyTo(items.PaddedRow(item));
        return items;
    }

    private static IMipsIndex Index(Matrix items, bool isGraph)
    {
        using WorkerTeam team = new(1);
        return isGraph ? HnswIndex.Build(items, new HnswOptions { EfSearch = 400 }, team) : new ExactIndex(items);
    }

    private static (int[][] Items, float[][] Scores) Search(
        ICommunicator communicator, Matrix items, Matrix queries, int k, Func<Matrix, IMipsIndex> build, ItemFilter? filter = null)
    {
        int count = (int)queries.Rows;
        ItemShards shards = new(Catalogue, communicator.Size);
        using Matrix own = ShardParts.Rows(items, shards[communicator.Rank]);
        using WorkerTeam team = new(1);
        using IMipsIndex ownIndex = build(own);
        using ShardedIndex index = new(communicator, shards, ownIndex, Matrix.OfShape(Catalogue, Dimension, "It lies elsewhere."));
        TopK result = new(count, k);
        // A search of another shape before: the exchange is laid out anew.
        index.Search(queries, 1, 1, result, team);
        index.Search(queries, count, k, result, team, filter);
        return (
            [.. Enumerable.Range(0, count).Select(query => result.Items(query).ToArray())],
            [.. Enumerable.Range(0, count).Select(query => result.Scores(query).ToArray())]);
    }
}
