using KernelPolicy.Index;
using KernelPolicy.Kernels;
using KernelPolicy.Policy;

namespace KernelPolicy.AotSmoke;

/// <summary>A random policy with its index.</summary>
internal sealed class SmokeBundle(SoftmaxPolicy policy, HnswIndex index) : IDisposable
{
    public SoftmaxPolicy Policy => policy;

    public static SmokeBundle Make(int items, int dimension, int seed = 1, string idPrefix = "item")
    {
        Random random = new(seed);
        Matrix theta = Normal(random, dimension, dimension, 0.1f), beta = Normal(random, items, dimension, 1);
        for (int i = 0; i < dimension; i++)
            theta.Row(i)[i] += 1;
        SoftmaxPolicy policy = new(
            theta, beta, [.. Enumerable.Range(0, items).Select(item => $"{idPrefix}-{item}")], new Dictionary<string, string>(),
            Normal(random, 1, dimension, 0.1f));
        using WorkerTeam team = new(Environment.ProcessorCount);
        return new SmokeBundle(policy, HnswIndex.Build(beta, new HnswOptions { M = 16, Metric = HnswMetric.NormAugmented }, team));
    }

    public void Save(string path) => ServingBundle.Save(path, policy, index);

    public void Dispose()
    {
        index.Dispose();
        policy.Dispose();
    }

    private static Matrix Normal(Random random, int rows, int columns, float scale)
    {
        Matrix table = new(rows, columns);
        for (int row = 0; row < rows; row++)
        {
            foreach (ref float value in table.Row(row))
                value = scale * (float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()));
        }

        return table;
    }
}
