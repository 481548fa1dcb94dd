using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace KernelPolicy.Kernels;

/// <summary>Selection and sorting of the keys of <see cref="ScoredItem"/>, with few branches that depend on them.</summary>
/// <remarks>
/// Scores come in no order that a processor could predict: a selection by swapping pairs costs a mispredicted branch every
/// other key, some twenty cycles. Here a pivot from a sample divides the keys in one pass without such branches, and lies
/// where it keeps little more than is asked for.
/// </remarks>
internal static class KeySelection
{
    private const int SampleKeys = 64;

    /// <summary>Passes allowed: each keeps a fraction of the keys, unless they are ordered so as to deceive the
    /// sample.</summary>
    private const int MostPasses = 24;

    private const int MostBucketed = 2048;

    /// <summary>More keys than this in one bucket are sorted by comparison.</summary>
    private const int FullBucket = 24;

    /// <summary>Rearranges keys so that the largest <paramref name="k"/> come first, in no order.</summary>
    [SkipLocalsInit]
    public static void SelectLargest(Span<ulong> keys, int k)
    {
        Span<ulong> sample = stackalloc ulong[SampleKeys];
        for (int pass = 0; k > 0 && k < keys.Length; pass++)
        {
            if (pass == MostPasses)
            {
                keys.Sort();
                keys.Reverse();
                return;
            }

            ulong pivot = Pivot(keys, k, sample);
            int kept = (long)k * 8 < keys.Length ? DivideSparse(keys, pivot) : Divide(keys, pivot);
            if (kept == keys.Length)
            {
                if (pivot == ulong.MaxValue)
                    return;

                // The pivot is the smallest. A pass without it and its equals makes progress.
                kept = Divide(keys, pivot + 1);
                if (kept <= k)
                    return;
            }

            if (kept >= k)
            {
                keys = keys[..kept];
            }
            else
            {
                keys = keys[kept..];
                k -= kept;
            }
        }
    }

    /// <summary>Sorts keys, largest first.</summary>
    /// <remarks>
    /// Keys are counted into as many buckets of equal width as there are keys, written out bucket by bucket, and set right
    /// by insertion. Buckets too full for that are sorted by comparison.
    /// </remarks>
    [SkipLocalsInit]
    public static void SortFalling(Span<ulong> keys)
    {
        if (keys.Length is < 2 or > MostBucketed)
        {
            keys.Sort();
            keys.Reverse();
            return;
        }

        if (keys.Length > FullBucket)
            Bucket(keys);
        for (int i = 1; i < keys.Length; i++)
        {
            ulong key = keys[i];
            int at = i;
            for (; at > 0 && keys[at - 1] < key; at--)
                keys[at] = keys[at - 1];
            keys[at] = key;
        }
    }

    [SkipLocalsInit]
    private static void Bucket(Span<ulong> keys)
    {
        ulong smallest = ulong.MaxValue, largest = 0;
        foreach (ulong key in keys)
        {
            smallest = Math.Min(smallest, key);
            largest = Math.Max(largest, key);
        }

        int buckets = (int)BitOperations.RoundUpToPowerOf2((uint)keys.Length);
        int shift = Math.Max(0, 64 - BitOperations.LeadingZeroCount(largest - smallest) - BitOperations.Log2((uint)buckets));
        Span<ushort> ends = stackalloc ushort[MostBucketed];
        Span<ulong> sorted = stackalloc ulong[MostBucketed];
        ends = ends[..buckets];
        sorted = sorted[..keys.Length];
        ends.Clear();
        foreach (ulong key in keys)
            ends[(int)((largest - key) >> shift)]++;
        int start = 0, fullest = 0;
        for (int bucket = 0; bucket < ends.Length; bucket++)
        {
            int count = ends[bucket];
            ends[bucket] = (ushort)start;
            start += count;
            fullest = Math.Max(fullest, count);
        }

        foreach (ulong key in keys)
            sorted[ends[(int)((largest - key) >> shift)]++] = key;
        for (int bucket = 0; fullest > FullBucket && bucket < ends.Length; bucket++)
        {
            int first = bucket == 0 ? 0 : ends[bucket - 1];
            if (ends[bucket] - first <= FullBucket)
                continue;
            sorted[first..ends[bucket]].Sort();
            sorted[first..ends[bucket]].Reverse();
        }

        sorted.CopyTo(keys);
    }

    /// <summary>A key near the k-th in rank: in a sample spread over all keys, or among all where they are few.</summary>
    private static ulong Pivot(Span<ulong> keys, int k, Span<ulong> sample)
    {
        int size = keys.Length;
        int rank = k;
        if (size <= SampleKeys)
        {
            keys.CopyTo(sample);
        }
        else
        {
            size = keys.Length < 16 * SampleKeys ? SampleKeys / 2 : SampleKeys;
            long step = ((long)keys.Length << 16) / size;
            for (int i = 0; i < size; i++)
                sample[i] = keys[(int)(((i * step) + (step / 2)) >> 16)];

            // The k-th key's rank in the sample is binomial. A deviation and a half to the side where fewer keys are
            // puts the k-th, nearly always, among few that are left.
            double share = (double)k / keys.Length;
            double margin = (1.5 * Math.Sqrt(share * (1 - share) * size)) + 1;
            rank = Math.Clamp((int)((share * size) + (share < 0.5 ? margin : -margin)), 1, size);
        }

        int padded = (size + 7) & ~7;
        sample[size..padded].Clear();
        return OfRank(sample[..padded], size, rank);
    }

    /// <summary>The key of a rank, by counting for each key how many are larger.</summary>
    private static ulong OfRank(Span<ulong> sample, int size, int rank)
    {
        ref ulong first = ref MemoryMarshal.GetReference(sample);
        ulong found = ulong.MaxValue;
        for (int i = 0; i < size; i++)
        {
            ulong key = Unsafe.Add(ref first, i);
            Vector512<ulong> keys = Vector512.Create(key);
            int larger = 0;
            for (int part = 0; part < sample.Length; part += 8)
            {
                larger += BitOperations.PopCount(
                    Vector512.GreaterThan(Vector512.LoadUnsafe(ref first, (nuint)part), keys).ExtractMostSignificantBits());
            }

            found = Math.Min(found, larger < rank ? key : ulong.MaxValue);
        }

        return found;
    }

    /// <summary>Brings the keys at or above a pivot to the front and returns how many they are. Every key is moved,
    /// wherever it belongs, so that no branch depends on it.</summary>
    private static int Divide(Span<ulong> keys, ulong pivot)
    {
        ref ulong first = ref MemoryMarshal.GetReference(keys);
        nint kept = 0;
        for (nint i = 0; i < keys.Length; i++)
        {
            ulong key = Unsafe.Add(ref first, i);
            Unsafe.Add(ref first, i) = Unsafe.Add(ref first, kept);
            Unsafe.Add(ref first, kept) = key;
            kept += key >= pivot ? 1 : 0;
        }

        return (int)kept;
    }

    /// <summary>As <see cref="Divide"/> where few keys are kept: 64 are compared at a time, and only the kept are
    /// moved.</summary>
    private static int DivideSparse(Span<ulong> keys, ulong pivot)
    {
        ref ulong first = ref MemoryMarshal.GetReference(keys);
        Vector512<ulong> pivots = Vector512.Create(pivot);
        nint kept = 0, i = 0;
        for (; i + 64 <= keys.Length; i += 64)
        {
            ulong mask = 0;
            for (int part = 0; part < 8; part++)
            {
                mask |= Vector512.GreaterThanOrEqual(Vector512.LoadUnsafe(ref first, (nuint)(i + (8 * part))), pivots)
                    .ExtractMostSignificantBits() << (8 * part);
            }

            for (; mask != 0; mask &= mask - 1)
            {
                // What is exchanged for it lies before it and is not kept, or is the key itself.
                nint at = i + BitOperations.TrailingZeroCount(mask);
                ulong key = Unsafe.Add(ref first, at);
                Unsafe.Add(ref first, at) = Unsafe.Add(ref first, kept);
                Unsafe.Add(ref first, kept) = key;
                kept++;
            }
        }

        for (; i < keys.Length; i++)
        {
            ulong key = Unsafe.Add(ref first, i);
            Unsafe.Add(ref first, i) = Unsafe.Add(ref first, kept);
            Unsafe.Add(ref first, kept) = key;
            kept += key >= pivot ? 1 : 0;
        }

        return (int)kept;
    }
}
