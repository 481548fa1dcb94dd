using KernelPolicy.Index;
using KernelPolicy.Kernels;
using KernelPolicy.Policy;
using KernelPolicy.Tests.Support;
using NUnit.Framework;

namespace KernelPolicy.Tests.Serving.Exploration;

/// <summary>Samples without replacement: every item of the tail equally often, every pair too, none twice, none from elsewhere, by
/// either way of drawing.</summary>
public sealed class TailSamplerTests
{
    private static readonly int[] Retrieved = [3, 9, 40];
    private static readonly int[] Excluded = [9, 11, 69, 11];

    /// <summary>A catalogue of 70 items; capacity 1 forces the walk.</summary>
    [Test]
    public void Pairs_of_the_tail_come_equally_often(
        [Values(2, 5, 20)] int count, [Values(1, 64)] int capacity, [Values] bool filtered)
    {
        const int items = 70, repeats = 60_000;
        ItemFilter filter = ItemFilter.Ban(items, filtered ? [.. Enumerable.Range(0, items).Where(a => a % 3 == 1)] : []);
        int[] tail = [.. Enumerable.Range(0, items).Where(a => filter.Allows(a) && !Retrieved.Contains(a) && !Excluded.Contains(a))];
        FilteredItems allowed = new(filter);
        CandidateHead head = new(8, 8, 2);
        head.Set(Retrieved, [3f, 2f, 1f], 1, allowed, Excluded);
        Assert.That(head.Outside, Is.EqualTo(tail.Length));
        TailSampler sampler = new(capacity);
        int[] singles = new int[items], pairs = new int[items * items], sample = new int[count];
        for (int i = 0; i < repeats; i++)
        {
            Draw(sampler, allowed, head, new RandomDraws(1, RandomPurpose.Exploration, i, 4), sample);
            Assert.That(sample, Is.Unique);
            foreach (int item in sample)
                singles[item]++;

            // Of a sample in order the first two are no random pair: take it unordered, by places that do not depend on it.
            int first = i % count, second = (first + 1 + (i / count % (count - 1))) % count;
            pairs[(Math.Min(sample[first], sample[second]) * items) + Math.Max(sample[first], sample[second])]++;
        }

        Assert.That(Enumerable.Range(0, items).Where(a => singles[a] > 0), Is.EqualTo(tail));

        // Counts of one sample are hypergeometric: their χ² is (1 − (count − 1)/(n − 1)) times that of independent draws.
        double share = (double)count / tail.Length, spread = Math.Sqrt(repeats * share * (1 - share));
        foreach (int item in tail)
            Assert.That(singles[item], Is.EqualTo(repeats * share).Within((Statistic.Z + 0.5) * spread), $"item {item}");
        if (count == 2)
        {
            int n = tail.Length;
            double[] even = [.. Enumerable.Range(0, items * items).Select(
                p => p / items < p % items && tail.Contains(p / items) && tail.Contains(p % items) ? 2.0 / (n * (n - 1)) : 0)];
            Law.AssertCounts(pairs, even, "pairs");
        }
    }

    [Test]
    public void All_of_a_tail_can_be_drawn_and_items_leave_it([Values(1, 512)] int capacity)
    {
        AllItems allowed = new(300);
        CandidateHead head = new(8, 8, 2);
        head.Set(Retrieved, [3f, 2f, 1f], 1, allowed, Excluded);
        head.Add(299);
        head.Add(299);
        TailSampler sampler = new(capacity);
        int[] sample = new int[head.Outside];
        Draw(sampler, allowed, head, new RandomDraws(1, RandomPurpose.Exploration, 0, 4), sample);
        Assert.That(sample.Order(), Is.EqualTo(Enumerable.Range(0, 299).Except(Retrieved).Except(Excluded)));
        Assert.That(
            () => sampler.Begin(allowed, head, head.Outside + 1, default), Throws.InstanceOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void A_sparse_filter_over_a_large_catalogue_is_walked()
    {
        const int items = 3_000_017;
        int[] few = [5, 64, 1_000_000, items - 1];
        FilteredItems allowed = new(ItemFilter.Allow(items, few));
        CandidateHead head = new(2, 0, 0);
        head.Set([64], [1f], 1, allowed, []);
        int[] counts = new int[4], sample = new int[1];
        TailSampler sampler = new(64);
        for (int i = 0; i < 300; i++)
        {
            Draw(sampler, allowed, head, new RandomDraws(1, RandomPurpose.Exploration, i, 4), sample);
            counts[Array.IndexOf(few, sample[0])]++;
        }

        Statistic.AssertChiSquare(counts, [100, 0, 100, 100], "items of a sparse filter");
    }

    [Test]
    public void Words_of_all_items_end_at_the_last()
    {
        Assert.That(new AllItems(64).Word(0), Is.EqualTo(ulong.MaxValue));
        Assert.That(new AllItems(65).Word(1), Is.EqualTo(1));
        Assert.That(new FilteredItems(ItemFilter.Ban(65, [])).Word(1), Is.EqualTo(1));
    }

    private static void Draw<TSet>(TailSampler sampler, in TSet allowed, CandidateHead head, RandomDraws draws, Span<int> sample)
        where TSet : struct, IItemSet
    {
        sampler.Begin(allowed, head, sample.Length, draws);
        int at = 0;
        while (at < sample.Length)
            at += sampler.Next(allowed, head, sample.Slice(at, Math.Min(7, sample.Length - at)));
        Assert.That(sampler.Next(allowed, head, new int[1]), Is.Zero);
    }
}
