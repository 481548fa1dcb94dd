using KernelPolicy.Distributed;
using KernelPolicy.Kernels;
using KernelPolicy.Policy;
using KernelPolicy.Tests.Serving;
using NUnit.Framework;

namespace KernelPolicy.Tests.Distributed;

internal sealed class ServingShardedBundleTests
{
    [TestCase(1, 7)]
    [TestCase(3, 7)]
    [TestCase(7, 7)]
    [TestCase(4, 101)]
    public void Shards_hold_all_items_once_in_their_order(int shards, int items)
    {
        using ServingShardCase made = new(shards, items);
        IReadOnlyList<ServingBundle> bundles = ShardedBundle.Open(made.PathOf("model.kpolicy"));
        try
        {
            int item = 0;
            foreach (ServingBundle bundle in bundles)
            {
                ShardPlace place = ShardPlace.Of(bundle);
                Assert.That((place.First, place.Shards, place.Items), Is.EqualTo((item, shards, items)));
                Assert.That(bundle.Query.Theta.Row(1).ToArray(), Is.EqualTo(made.Whole.Policy.Theta.Row(1).ToArray()));
                Assert.That(bundle.Query.Bias!.Row(0).ToArray(), Is.EqualTo(made.Whole.Policy.Bias!.Row(0).ToArray()));
                Assert.That(bundle.Facts["seed"], Is.EqualTo("1"));
                for (int own = 0; own < place.Count; own++, item++)
                {
                    Assert.That(bundle.Ids[own], Is.EqualTo(made.Whole.Policy.ItemIds[item]));
                    Assert.That(bundle.Items.Row(own).ToArray(), Is.EqualTo(made.Whole.Policy.Items.Row(item).ToArray()));
                }
            }

            Assert.That(item, Is.EqualTo(items));
        }
        finally
        {
            foreach (ServingBundle bundle in bundles)
                bundle.Dispose();
        }
    }

    [Test]
    public void A_shard_alone_is_a_bundle()
    {
        using ServingShardCase made = new();
        using Recommender alone = Recommender.Open(made.Paths[1]);
        int[] items = new int[5];
        float[] scores = new float[5];
        float[] context = made.Whole.Context(1);
        Assert.That(alone.Recommend(context, items, scores), Is.EqualTo(5));
        using ServingBundle bundle = ServingBundle.Open(made.Paths[1], BundleVerification.Sizes);
        ShardPlace place = ShardPlace.Of(bundle);
        int[] expected = [.. made.Whole.Ranked(context).Where(item => item >= place.First && item < place.First + place.Count).Take(5)];
        Assert.That(items.Select(item => item + place.First), Is.EqualTo(expected));
    }

    [Test]
    public void Files_are_named_after_the_set()
    {
        Assert.That(ShardedBundle.PathOf("run/model.kpolicy", 0, 4), Is.EqualTo("run/model.00-of-04.kpolicy"));
        Assert.That(ShardedBundle.PathOf("model", 10, 64), Is.EqualTo("model.10-of-64.kpolicy"));
        Assert.That(() => ShardedBundle.PathOf("model", 4, 4), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => ShardedBundle.PathOf("model", 0, 65), Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("1 to 64"));
        using ServingShardCase made = new(2);
        Assert.That(ShardedBundle.Find(made.Paths[1]), Is.EqualTo(made.Paths));
        Assert.That(ShardedBundle.Find(made.PathOf("model.kpolicy")), Is.EqualTo(made.Paths));
    }

    [Test]
    public void Sets_that_are_not_whole_are_refused()
    {
        using ServingShardCase made = new(3), other = new(3, seed: 7);
        File.Copy(other.Paths[1], made.Paths[1], overwrite: true);
        Assert.That(() => ShardedBundle.Open(made.Paths[0]), Throws.TypeOf<InvalidDataException>().With.Message.Contains("not of one set"));
        LocalShard[] mixed = made.Open();
        Assert.That(() => new ShardedRecommender(mixed), Throws.TypeOf<InvalidDataException>().With.Message.Contains("not of one set"));
        Assert.That(() => new ShardedRecommender(mixed[..1]), Throws.TypeOf<InvalidDataException>().With.Message.Contains("1 shards of a set of 3"));
        Assert.That(() => new ShardedRecommender([mixed[0], mixed[0], mixed[2]]), Throws.TypeOf<InvalidDataException>().With.Message.Contains("Shard 1 of 3 expected"));
        File.Delete(made.Paths[2]);
        Assert.That(() => ShardedBundle.Find(made.Paths[0]), Throws.TypeOf<FileNotFoundException>().With.Message.Contains("02-of-03"));
        File.Copy(made.Paths[0], made.PathOf("model.00-of-02.kpolicy"));
        Assert.That(() => ShardedBundle.Find(made.PathOf("model.kpolicy")), Throws.TypeOf<InvalidDataException>().With.Message.Contains("sets of 2 and 3 shards"));
    }

    [Test]
    public void A_damaged_shard_is_refused()
    {
        using ServingShardCase made = new(2);
        using (FileStream file = File.OpenWrite(made.Paths[1]))
        {
            file.Position = file.Length / 2;
            file.Write([1, 2, 3, 4, 5, 6, 7, 8]);
        }

        Assert.That(() => ShardedBundle.Open(made.Paths[0]), Throws.TypeOf<InvalidDataException>().With.Message.Contains("01-of-02"));
        Assert.That(() => LocalShard.Open(made.Paths[1]), Throws.TypeOf<InvalidDataException>().With.Message.Contains("01-of-02"));
    }

    [TestCase("shard", "3", "a shard of 0 to 1")]
    [TestCase("shard", "x", "must be a number, not 'x'")]
    [TestCase("shards", "65", "1 to 64 shards")]
    [TestCase("shards", "0", "1 to 64 shards")]
    [TestCase("shard-items", "1", "at least an item for each")]
    [TestCase("shard-items", "300", "has 150; the bundle holds 100")]
    [TestCase("shard-set", "abc", "32 hexadecimal digits")]
    public void Facts_that_do_not_fit_are_refused(string fact, string value, string expected)
    {
        Dictionary<string, string> facts = new ShardPlace(new string('a', 32), 1, 2, 200, 12).AddTo(new Dictionary<string, string>());
        Assert.That(ShardPlace.Of(facts, 100, 12).First, Is.EqualTo(100));
        facts[fact] = value;
        Assert.That(() => ShardPlace.Of(facts, 100, 12), Throws.TypeOf<InvalidDataException>().With.Message.Contains(expected));
    }

    [Test]
    public void An_id_twice_is_refused_also_over_two_shards()
    {
        using ServingCase whole = new(10);
        string[] ids = [.. Enumerable.Range(0, 10).Select(item => $"{item % 9}")];
        SoftmaxPolicy twice = new(whole.Policy.Theta, whole.Policy.Items, ids, whole.Policy.Facts);
        string path = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.kpolicy");
        Assert.That(() => ShardedBundle.Save(path, twice, 2, whole.Team), Throws.ArgumentException.With.Message.Contains("Items 0 and 9 have the same id '0'"));
        Assert.That(() => ShardedBundle.Save(path, whole.Policy, 11, whole.Team), Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("1 to 10"));
        Assert.That(File.Exists(ShardedBundle.PathOf(path, 0, 2)), Is.False);
    }

    [Test]
    public void The_hash_of_a_set_is_of_all_that_decides_answers()
    {
        using ServingCase one = new(20, 4), same = new(20, 4), other = new(20, 4, seed: 2), named = new(20, 4, idPrefix: "i");
        string hash = ShardSetHash.Of(one.Policy, BundleItems.Vectors, 1);
        Assert.That(ShardSetHash.Of(same.Policy, BundleItems.Vectors, 1), Is.EqualTo(hash));
        Matrix theta = new(4, 4), items = new(20, 4);
        theta.CopyFrom(one.Policy.Theta);
        items.CopyFrom(one.Policy.Items);
        using SoftmaxPolicy unbiased = new(theta, items, one.Policy.ItemIds, one.Policy.Facts);
        string[] hashes =
        [
            hash, ShardSetHash.Of(one.Policy, BundleItems.Codes, 1), ShardSetHash.Of(other.Policy, BundleItems.Vectors, 1),
            ShardSetHash.Of(named.Policy, BundleItems.Vectors, 1), ShardSetHash.Of(unbiased, BundleItems.Vectors, 1),
            ShardSetHash.Of(one.Policy, BundleItems.Vectors, 2),
        ];
        Assert.That(hashes, Is.Unique);
    }

}
