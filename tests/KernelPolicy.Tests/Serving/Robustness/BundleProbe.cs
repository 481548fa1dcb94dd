using KernelPolicy.Index;
using KernelPolicy.Policy;
using KernelPolicy.Tests.Support;
using NUnit.Framework;

namespace KernelPolicy.Tests.Serving;

/// <summary>Opens what may be no bundle with every check, and does with it all that a service does.</summary>
internal sealed class BundleProbe(string folder)
{
    // The stream's buffer is 64 KiB; the rest is tables of names, and messages.
    private const long AllocatedBeside = 128 << 10;

    // The most is made of facts: read once, a byte a letter, and two bytes a letter as text. Of an item it is about 30 bytes, whose
    // sections take twice as much.
    private const int AllocatedOver = 4;

    private readonly string _path = Path.Combine(folder, "forged.kpolicy");

    /// <summary>Files that were refused, and that were opened.</summary>
    public (int Refused, int Opened) Count { get; private set; }

    /// <summary>Refuses a file by an InvalidDataException that names it, or opens a bundle that works.</summary>
    public void Probe(byte[] file, Func<string> what)
    {
        File.WriteAllBytes(_path, file);
        try
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                using ServingBundle bundle = ServingBundle.Open(_path);
                CheckMemory();
                Use(bundle);
                Count = (Count.Refused, Count.Opened + 1);
            }
            catch (InvalidDataException e)
            {
                CheckMemory();
                Assert.That(e.Message, Does.StartWith(_path).And.Contain("offset"), what());
                Count = (Count.Refused + 1, Count.Opened);
            }

            void CheckMemory()
            {
                long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
                if (allocated > AllocatedBeside + (AllocatedOver * file.LongLength))
                    Assert.Fail($"{what()}: {allocated} bytes were allocated for a file of {file.Length}.");
            }
        }
        catch (Exception e) when (e is not AssertionException)
        {
            Assert.Fail($"{what()}: {e}");
        }
    }

    private static void Use(ServingBundle bundle)
    {
        int items = bundle.Ids.Count;
        for (int item = 0; item < items; item++)
        {
            string id = bundle.Ids[item];
            if (!bundle.Ids.TryFind(bundle.Ids.Utf8(item), out int found) || found != item || !bundle.Ids.TryFind(id, out found) || found != item)
                Assert.Fail($"Item {item} is not found by its id '{id}', but {found} is.");
        }

        Assert.That(bundle.Ids.TryFind("nobody's", out _), Is.False);
        Assert.That(bundle.Facts.Values, Has.All.Not.Null);
        int[] few = [1, Math.Min(items, 10), items];
        foreach (int n in few)
        {
            int[] found = new int[n];
            int count = bundle.Index.Search(Seeded.Floats(9, bundle.Items.Columns), found, new float[n]);
            AreItems(found.AsSpan(0, count), items);
        }

        try
        {
            foreach (int n in few)
                Recommend(bundle, n);
        }
        catch (ArgumentException e) when (IsTooLarge(e.Message))
        {
            // Finite numbers so large that their products are not: a refusal of the request, as documented.
        }
    }

    private static bool IsTooLarge(string message) =>
        message.StartsWith("The query xΘ is not finite", StringComparison.Ordinal) || message.StartsWith("A score h·β is not finite", StringComparison.Ordinal);

    private static void Recommend(ServingBundle bundle, int n)
    {
        using Recommender recommender = new(bundle, ownsBundle: false);
        int items = recommender.ItemCount;
        ItemFilter even = ItemFilter.Allow(items, [.. Enumerable.Range(0, items).Where(item => item % 2 == 0)]);
        int[] found = new int[n];
        float[] scores = new float[n], context = Seeded.Floats(10, recommender.Dimension);
        AreItems(found.AsSpan(0, recommender.Recommend(context, found, scores)), items);
        AreItems(found.AsSpan(0, recommender.RecommendTo([0, items - 1], found, scores, new RecommendationScope { Excluded = [0] })), items);
        int count = recommender.Recommend(context, found, scores, new RecommendationScope { Allowed = even });
        AreItems(found.AsSpan(0, count), items);
        if (found.Take(count).Any(item => item % 2 != 0))
            Assert.Fail("An item that the filter does not allow was recommended.");
    }

    private static void AreItems(ReadOnlySpan<int> found, int items)
    {
        HashSet<int> seen = [];
        foreach (int item in found)
        {
            if ((uint)item >= (uint)items || !seen.Add(item))
                Assert.Fail($"{string.Join(' ', found.ToArray())}: {item} is no item of {items}, or stands twice.");
        }
    }
}
