using System.Globalization;
using KernelPolicy.Index;
using KernelPolicy.Kernels;
using KernelPolicy.Policy;
using KernelPolicy.Tests.Support;

namespace KernelPolicy.Tests.Serving;

/// <summary>One of the bundles that a stress test swaps, with the score of every item that there may be to every question that is
/// asked, in double precision.</summary>
/// <remarks>Items "item-0", "item-1", … are the bundle's; "new-k" may be added, with vector k mod 64.</remarks>
internal sealed class StressCase : IDisposable
{
    public const int AddedVectors = 64;
    public const int Contexts = 12;
    public const int Questions = 18;

    // Two sums of 12 products of numbers below 20 in single precision, as in RecommenderTests.
    public const double Tolerance = 1e-3;

    private readonly ServingCase _case;
    private readonly double[][] _scores;

    public StressCase(int items, int seed, string folder)
    {
        _case = new ServingCase(items, seed: seed);
        Path = System.IO.Path.Combine(folder, $"{seed}.kpolicy");
        using HnswIndex wide = _case.Index.WithEfSearch(4 * items);
        ServingBundle.Save(Path, _case.Policy, wide);
        Added = Seeded.Matrix(99, AddedVectors, _case.Dimension);
        Ranked = new int[Questions][];
        _scores = new double[Questions][];
        for (int question = 0; question < Questions; question++)
        {
            float[] context = question < Contexts ? Context(question) : _case.MeanOf(History(question));
            Ranked[question] = _case.Ranked(context);
            _scores[question] = [.. _case.Scores(context), .. Enumerable.Range(0, AddedVectors).Select(row => Score(context, Added.Row(row)))];
        }
    }

    public string Path { get; }

    public int ItemCount => _case.ItemCount;

    public Matrix Added { get; }

    /// <summary>The bundle's items by falling score, for each question.</summary>
    public int[][] Ranked { get; }

    public static float[] Context(int question) => Seeded.Floats(1000 + question, 12);

    public static int[] History(int question) => Seeded.Items(question, 1 + (question % 7), 400);

    /// <summary>The score of an item to a question.</summary>
    /// <exception cref="InvalidOperationException">There is no such item in this bundle or beside it.</exception>
    public double ScoreOf(int question, string id)
    {
        int dash = id.IndexOf('-', StringComparison.Ordinal), number = int.Parse(id.AsSpan(dash + 1), CultureInfo.InvariantCulture);
        bool isAdded = id.StartsWith("new-", StringComparison.Ordinal);
        if (!isAdded && number >= ItemCount)
            throw new InvalidOperationException($"'{id}' is none of the {ItemCount}.");
        return _scores[question][isAdded ? ItemCount + (number % AddedVectors) : number];
    }

    public double ScoreOf(int question, int item) => _scores[question][item];

    public void Dispose()
    {
        Added.Dispose();
        _case.Dispose();
    }

    private double Score(ReadOnlySpan<float> context, ReadOnlySpan<float> vector)
    {
        double score = 0;
        for (int j = 0; j < vector.Length; j++)
        {
            double h = _case.Policy.Bias!.Row(0)[j];
            for (int i = 0; i < context.Length; i++)
                h += (double)context[i] * _case.Policy.Theta.Row(i)[j];
            score += h * vector[j];
        }

        return score;
    }
}

/// <summary>What is known of bans: odd while an item is banned without doubt, changed before and after.</summary>
internal sealed class BanTimes(int items)
{
    private readonly int[] _times = new int[items];

    public int Count => _times.Length;

    /// <summary>The ban has returned, or is about to be lifted.</summary>
    public void Turn(int item) => Interlocked.Increment(ref _times[item]);

    public void CopyTo(int[] times)
    {
        for (int item = 0; item < times.Length; item++)
            times[item] = Volatile.Read(ref _times[item]);
    }

    /// <summary>Whether an item was banned from then until now.</summary>
    public bool WasBannedSince(int item, int[] times) => (times[item] & 1) == 1 && Volatile.Read(ref _times[item]) == times[item];
}
