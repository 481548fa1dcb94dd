using KernelPolicy.Index;
using KernelPolicy.Kernels;
using KernelPolicy.Policy;
using KernelPolicy.Tests.Support;

namespace KernelPolicy.Tests.Serving;

/// <summary>A policy with an index that finds everything, and the plain answer to each request.</summary>
internal sealed class ServingCase : IDisposable
{
    public ServingCase(int items = 500, int dimension = 12, bool hasBias = true, int seed = 1, string idPrefix = "item-", (int Item, int Other)? twins = null)
    {
        Team = new WorkerTeam(2);
        Matrix theta = Seeded.Matrix(seed, dimension, dimension, 0.4);
        for (int i = 0; i < dimension; i++)
            theta.Row(i)[i] += 1;
        Policy = new SoftmaxPolicy(
            theta, Seeded.Matrix(seed + 1, items, dimension), [.. Enumerable.Range(0, items).Select(item => $"{idPrefix}{item}")],
            new Dictionary<string, string> { ["seed"] = $"{seed}" }, hasBias ? Seeded.Matrix(seed + 2, 1, dimension) : null);
        if (twins is var (twin, original))
            Policy.Items.Row(original).CopyTo(Policy.Items.Row(twin));
        Index = HnswIndex.Build(Policy.Items, new HnswOptions { M = 8, EfSearch = items }, Team);
    }

    public WorkerTeam Team { get; }

    public SoftmaxPolicy Policy { get; }

    public HnswIndex Index { get; }

    public int ItemCount => (int)Policy.Items.Rows;

    public int Dimension => Policy.Items.Columns;

    public float[] Context(int number) => Seeded.Floats(1000 + number, Dimension);

    /// <summary>f of all items, in double precision.</summary>
    public double[] Scores(ReadOnlySpan<float> context)
    {
        double[] h = Query(context);
        double[] scores = new double[ItemCount];
        for (int item = 0; item < scores.Length; item++)
        {
            for (int j = 0; j < Dimension; j++)
                scores[item] += h[j] * Policy.Items.Row(item)[j];
        }

        return scores;
    }

    /// <summary>h = xΘ + b, in double precision.</summary>
    public double[] Query(ReadOnlySpan<float> context)
    {
        double[] h = new double[Dimension];
        for (int j = 0; j < Dimension; j++)
        {
            h[j] = Policy.Bias is { } bias ? bias.Row(0)[j] : 0;
            for (int i = 0; i < Dimension; i++)
                h[j] += (double)context[i] * Policy.Theta.Row(i)[j];
        }

        return h;
    }

    /// <summary>Items by falling score.</summary>
    public int[] Ranked(ReadOnlySpan<float> context)
    {
        double[] scores = Scores(context);
        return [.. Enumerable.Range(0, ItemCount).OrderByDescending(item => scores[item])];
    }

    public float[] MeanOf(params int[] history)
    {
        double[] mean = new double[Dimension];
        foreach (int item in history)
        {
            for (int j = 0; j < Dimension; j++)
                mean[j] += (double)Policy.Items.Row(item)[j] / history.Length;
        }

        return [.. mean.Select(value => (float)value)];
    }

    public void Dispose()
    {
        Index.Dispose();
        Policy.Dispose();
        Team.Dispose();
    }
}
