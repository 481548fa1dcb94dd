using KernelPolicy.Kernels;
using KernelPolicy.Policy;
using NUnit.Framework;

namespace KernelPolicy.Tests.Serving;

/// <summary>Bundles: what is written comes back, what is damaged is refused, and an old file survives.</summary>
public sealed class ServingBundleTests
{
    private string _folder = null!;

    [SetUp]
    public void Make() => _folder = Directory.CreateTempSubdirectory("kernelpolicy-bundle-").FullName;

    [TearDown]
    public void Remove() => Directory.Delete(_folder, true);

    [Test]
    public void What_is_written_recommends_the_same([Values] bool hasBias, [Values] BundleVerification verification)
    {
        using ServingCase one = new(hasBias: hasBias);
        string path = Path.Combine(_folder, "a.kpolicy");
        ServingBundle.Save(path, one.Policy, one.Index);
        using Recommender origin = new(one.Policy, one.Index), opened = Recommender.Open(path, new RecommenderOptions { Verification = verification });
        Assert.That(opened.Facts, Is.EqualTo(one.Policy.Facts));
        Assert.That((opened.ItemCount, opened.Dimension), Is.EqualTo((one.ItemCount, one.Dimension)));
        int[] items = new int[20], expected = new int[20];
        float[] scores = new float[20], expectedScores = new float[20];
        for (int number = 0; number < 10; number++)
        {
            float[] context = one.Context(number);
            opened.Recommend(context, items, scores);
            origin.Recommend(context, expected, expectedScores);
            Assert.That(items, Is.EqualTo(expected));
            Assert.That(scores, Is.EqualTo(expectedScores));
        }
    }

    [Test]
    public void Ids_are_found_both_ways()
    {
        using ServingCase one = new();
        string[] ids = [.. Enumerable.Range(0, one.ItemCount).Select(i => i == 3 ? "" : i == 4 ? new string('é', 500) : $"Ünïcode {i * 7}")];
        using SoftmaxPolicy policy = Renamed(one, ids);
        string path = Path.Combine(_folder, "ids.kpolicy");
        using (var index = KernelPolicy.Index.HnswIndex.Build(policy.Items, null, one.Team))
            ServingBundle.Save(path, policy, index);
        using ServingBundle bundle = ServingBundle.Open(path);
        for (int item = 0; item < ids.Length; item++)
        {
            Assert.That(bundle.Ids[item], Is.EqualTo(ids[item]));
            Assert.That(bundle.Ids.TryFind(ids[item], out int found) ? found : -1, Is.EqualTo(item));
        }

        Assert.That(bundle.Ids.TryFind("nobody", out _), Is.False);
        Assert.That(bundle.Ids.TryFind(new string('x', 5000), out _), Is.False);
        Assert.That(() => bundle.Ids[ids.Length], Throws.InstanceOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void What_cannot_be_written_is_refused_and_the_old_file_stays()
    {
        using ServingCase one = new(), other = new(seed: 3);
        string path = Path.Combine(_folder, "a.kpolicy");
        ServingBundle.Save(path, one.Policy, one.Index);
        byte[] before = File.ReadAllBytes(path);
        Assert.That(() => ServingBundle.Save(path, one.Policy, other.Index), Throws.ArgumentException);
        string[] ids = [.. one.Policy.ItemIds];
        ids[9] = ids[444];
        Assert.That(() => SaveRenamed(ids), Throws.ArgumentException.With.Message.Contains("Items 9 and 444"));
        ids[9] = new string('x', ItemIdTable.LongestId + 1);
        Assert.That(() => SaveRenamed(ids), Throws.ArgumentException.With.Message.Contains("1025 bytes"));
        Assert.That(File.ReadAllBytes(path), Is.EqualTo(before));
        Assert.That(Directory.GetFiles(_folder), Has.Length.EqualTo(1));

        void SaveRenamed(string[] renamed)
        {
            using SoftmaxPolicy policy = Renamed(one, renamed);
            using var index = KernelPolicy.Index.HnswIndex.Build(policy.Items, null, one.Team);
            ServingBundle.Save(path, policy, index);
        }
    }

    /// <summary>Each byte that means something is covered by a checksum; what lies between sections is not read.</summary>
    [Test]
    public void Damage_is_found()
    {
        using ServingCase one = new(items: 60, dimension: 5);
        string path = Path.Combine(_folder, "a.kpolicy");
        ServingBundle.Save(path, one.Policy, one.Index);
        byte[] whole = File.ReadAllBytes(path);
        Random random = new(1);
        int found = 0;
        for (int trial = 0; trial < 300; trial++)
        {
            byte[] damaged = [.. whole];
            damaged[random.Next(whole.Length)] ^= (byte)(1 << random.Next(8));
            found += IsRefused(damaged) ? 1 : 0;
        }

        for (int length = 0; length < whole.Length; length += 97)
            Assert.That(IsRefused(whole[..length]), Is.True, $"cut at {length} of {whole.Length}");
        Assert.That(found, Is.GreaterThan(250), "of 300 flipped bits, some of which lie between sections");
        Assert.That(() => ServingBundle.Open(Path.Combine(_folder, "none.kpolicy")), Throws.InstanceOf<FileNotFoundException>());

        bool IsRefused(byte[] content)
        {
            string damaged = Path.Combine(_folder, "damaged.kpolicy");
            File.WriteAllBytes(damaged, content);
            try
            {
                ServingBundle.Open(damaged).Dispose();
                return false;
            }
            catch (InvalidDataException e)
            {
                Assert.That(e.Message, Does.Contain("damaged.kpolicy"));
                return true;
            }
        }
    }

    [Test]
    public void A_file_may_be_replaced_while_it_serves()
    {
        using ServingCase one = new(seed: 1, idPrefix: "a"), two = new(seed: 2, idPrefix: "b");
        string path = Path.Combine(_folder, "a.kpolicy");
        ServingBundle.Save(path, one.Policy, one.Index);
        using Recommender old = Recommender.Open(path);
        ServingBundle.Save(path, two.Policy, two.Index);
        using Recommender now = Recommender.Open(path);
        Assert.That((old.IdOf(1), now.IdOf(1)), Is.EqualTo(("a1", "b1")));
        int[] items = new int[3], expected = new int[3];
        old.Recommend(one.Context(1), items, new float[3]);
        using Recommender origin = new(one.Policy, one.Index);
        origin.Recommend(one.Context(1), expected, new float[3]);
        Assert.That(items, Is.EqualTo(expected));
    }

    private static SoftmaxPolicy Renamed(ServingCase one, string[] ids)
    {
        Matrix theta = new(one.Dimension, one.Dimension), items = new(one.ItemCount, one.Dimension);
        for (int row = 0; row < one.Dimension; row++)
            one.Policy.Theta.Row(row).CopyTo(theta.Row(row));
        for (int row = 0; row < one.ItemCount; row++)
            one.Policy.Items.Row(row).CopyTo(items.Row(row));
        return new SoftmaxPolicy(theta, items, ids, one.Policy.Facts);
    }
}
