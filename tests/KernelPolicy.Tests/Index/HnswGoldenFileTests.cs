using KernelPolicy.Index;
using KernelPolicy.Kernels;
using NUnit.Framework;

namespace KernelPolicy.Tests.Index;

/// <summary>
/// Index files of every released version of the format, kept in tests/golden: whoever changes the format must still read
/// them, or refuse them by name.
/// </summary>
/// <remarks>Each was written by <see cref="HnswIndex.Save"/> of an index over <see cref="Items"/> with
/// <see cref="Options"/>.</remarks>
public sealed class HnswGoldenFileTests
{
    private const int Count = 300;
    private const int Dimension = 6;

    [Test]
    public void A_file_of_version_2_is_read_and_answers_as_it_did()
    {
        using Matrix items = Items();
        using HnswIndex index = HnswIndex.Load(PathOf("index-v2.kpindex"), items);
        Assert.Multiple(() =>
        {
            Assert.That(index.Options, Is.EqualTo(Options()));
            Assert.That(index.Report.Duplicates, Is.EqualTo(10));
        });
        using ExactIndex exact = new(items);
        using WorkerTeam team = new(1);
        RecallResult recall = new RecallAudit(Count, 10).Measure(index.WithEfSearch(Count), exact, items, Count, 10, team);

        // A search as wide as the catalogue looks at all of it.
        Assert.That(recall.Recall, Is.EqualTo(1));
    }

    [Test]
    public void An_index_may_be_saved_over_the_file_that_it_is_mapped_from()
    {
        using Matrix items = Items();
        string path = Path.Combine(Directory.CreateTempSubdirectory("hnsw").FullName, "index");
        File.Copy(PathOf("index-v2.kpindex"), path);
        using HnswIndex index = HnswIndex.Load(path, items);
        int[] before = new int[20], after = new int[20];
        index.Search(items.Row(9), before, new float[20]);
        index.Save(path);
        File.Delete(path);
        index.Search(items.Row(9), after, new float[20]);
        Assert.That(after, Is.EqualTo(before));
        Directory.Delete(Path.GetDirectoryName(path)!);
    }

    private static HnswOptions Options() => new()
    {
        M = 4, EfConstruction = 30, EfSearch = 20, LongestAsStarts = 5, InnerProductLinks = 2, Seed = 7, Metric = HnswMetric.NormAugmented,
    };

    // Small whole numbers and quarters: the same bits on every machine.
    private static Matrix Items()
    {
        Random random = new(1);
        Matrix items = new(Count, Dimension);
        for (int item = 0; item < Count; item++)
        {
            foreach (ref float value in items.Row(item))
                value = random.Next(-40, 41) / 4f;
        }

        for (int item = 290; item < Count; item++)
            items.Row(3).CopyTo(items.Row(item));
        return items;
    }

    private static string PathOf(string file) => Path.Combine(AppContext.BaseDirectory, "golden", file);
}
