using KernelPolicy.Index;
using KernelPolicy.Kernels;
using KernelPolicy.Policy;
using KernelPolicy.Tests.Reference;
using KernelPolicy.Tests.Support;

namespace KernelPolicy.Tests.OffPolicy;

/// <summary>A softmax policy over random items and contexts, with its probabilities in double precision.</summary>
internal sealed class SoftmaxCase : IDisposable
{
    private readonly Matrix _contexts;
    private readonly double[,] _theta;
    private readonly double[,] _items;
    private readonly double[,] _x;
    private readonly double[] _bias;

    /// <param name="items">P.</param>
    /// <param name="contexts">N.</param>
    /// <param name="sharpness">Scale of Θ: 0 makes the policy uniform.</param>
    /// <param name="threads">Threads of the team.</param>
    /// <param name="biased">Whether h = xΘ + b rather than xΘ.</param>
    public SoftmaxCase(int items, int contexts, double sharpness = 0.5, int threads = 2, bool biased = false)
    {
        Items = Seeded.Matrix(1, items, Dimension);
        Theta = Seeded.Matrix(2, Dimension, Dimension, sharpness);
        Bias = biased ? Seeded.Matrix(4, 1, Dimension) : null;
        _contexts = Seeded.Matrix(3, contexts, Dimension);
        (_theta, _items, _x) = (Seeded.Wide(Theta), Seeded.Wide(Items), Seeded.Wide(_contexts));
        _bias = Bias is null ? new double[Dimension] : Seeded.Wide(Bias.Row(0));
        Index = new ExactIndex(Items);
        Team = new WorkerTeam(threads);
    }

    public static int Dimension => 7;

    public Matrix Items { get; }

    public Matrix Theta { get; }

    /// <summary>b [1, L]; null for none.</summary>
    public Matrix? Bias { get; }

    public IMipsIndex Index { get; }

    public WorkerTeam Team { get; }

    public DenseContexts Contexts => new(_contexts);

    /// <summary>π(·|x) [P] of a context.</summary>
    public double[] Probabilities(int context) => Softmax.Weights(Scores(context));

    /// <summary>ln Z of a context.</summary>
    public double LogZ(int context) => Softmax.LogSumExp(Scores(context));

    public double[] Scores(int context)
    {
        double[] h = [.. Enumerable.Range(0, Dimension).Select(
            j => _bias[j] + Enumerable.Range(0, Dimension).Sum(l => _x[context, l] * _theta[l, j]))];
        return [.. Enumerable.Range(0, (int)Items.Rows).Select(a => Enumerable.Range(0, Dimension).Sum(l => h[l] * _items[a, l]))];
    }

    public ExactProbabilities Exact(int batchSize = 256) => new(Query, Items, Contexts, batchSize);

    public EstimatedProbabilities Estimated(int topK, int draws, ulong seed = 0, int batchSize = 256) =>
        new(Query, Index, Contexts, new EstimatedProbabilityOptions(topK, draws, seed, batchSize));

    private QueryMap Query => new(Theta, Bias);

    public void Dispose()
    {
        Team.Dispose();
        Index.Dispose();
        Items.Dispose();
        Theta.Dispose();
        Bias?.Dispose();
        _contexts.Dispose();
    }
}
