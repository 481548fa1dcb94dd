using CsCheck;
using KernelPolicy.Kernels;
using NUnit.Framework;

namespace KernelPolicy.Tests.Simd;

public class KeySelectionTests
{
    [Test]
    public void Keys_order_as_scores_then_items() =>
        Gen.Select(Gen.Single, Gen.Int[0, int.MaxValue], Gen.Single, Gen.Int[0, int.MaxValue]).Sample(
            (s, a, t, b) =>
            {
                if (float.IsNaN(s) || float.IsNaN(t))
                    return true;
                ulong first = ScoredItem.Key(s, a), second = ScoredItem.Key(t, b);
                int expected = s != t ? s.CompareTo(t) : b.CompareTo(a);
                return Math.Sign(first.CompareTo(second)) == Math.Sign(expected)
                    && ScoredItem.Item(first) == a && ScoredItem.Score(first) == s;
            },
            threads: 1);

    [Test]
    public void Selection_brings_the_largest_to_the_front() =>
        Gen.Select(Gen.ULong[0, 50].Array[1, 80], Gen.Int[0, 1000]).Sample(
            (keys, at) =>
            {
                int k = 1 + (at % keys.Length);
                ulong[] selected = [.. keys];
                ScoredItem.SelectLargest(selected, k);
                return selected.Order().SequenceEqual(keys.Order())
                    && selected.Take(k).OrderDescending().SequenceEqual(keys.OrderDescending().Take(k));
            },
            iter: 3000, threads: 1);

    /// <summary>Enough keys for every way of dividing them, in orders that deceive a sample taken at equal
    /// distances.</summary>
    [Test]
    public void Many_keys_in_any_order([Values] Order order, [Values(49, 65, 300, 1024, 4096, 5001)] int count)
    {
        ulong[] keys = Keys(order, count);
        ulong[] sorted = [.. keys.OrderDescending()];
        foreach (int k in new[] { 1, 2, 10, count / 14, count / 4, count / 2, count - 2, count - 1, count })
        {
            ulong[] selected = [.. keys];
            ScoredItem.SelectLargest(selected, k);
            Assert.That(selected.Take(k).OrderDescending(), Is.EqualTo(sorted.Take(k)), $"K {k}");
            Assert.That(selected.OrderDescending(), Is.EqualTo(sorted), $"K {k}");
        }
    }

    [Test]
    public void Sorting_falls([Values] Order order, [Values(0, 1, 2, 24, 25, 31, 256, 1000, 2048, 2049)] int count)
    {
        ulong[] keys = Keys(order, count);
        ulong[] sorted = [.. keys];
        KeySelection.SortFalling(sorted);
        Assert.That(sorted, Is.EqualTo(keys.OrderDescending()));
    }

    public enum Order
    {
        Scores,
        Rising,
        Falling,
        Equal,
        FewDistinct,
        Extremes,
        OneFarOff,
        Periodic,
    }

    private static ulong[] Keys(Order order, int count)
    {
        Random random = new(count);
        return [.. Enumerable.Range(0, count).Select(i => order switch
        {
            Order.Scores => ScoredItem.Key((float)(random.NextDouble() - random.NextDouble()), i),
            Order.Rising => (ulong)i,
            Order.Falling => (ulong)(count - i),
            Order.Equal => ulong.MaxValue,
            Order.FewDistinct => (ulong)random.Next(3),
            Order.Extremes => random.Next(2) == 0 ? (ulong)random.Next(9) : ulong.MaxValue - (ulong)random.Next(9),
            Order.OneFarOff => i == count / 3 ? ulong.MaxValue : (ulong)random.Next(1000),
            _ => (ulong)(i * 64 / count == 0 ? count : i % 64 * count) + (ulong)i,
        })];
    }
}
