using KernelPolicy.Kernels;

namespace KernelPolicy.ClosedLoop;

/// <summary>
/// Items with features, users with contexts, and tastes that nobody sees: user x clicks item a with the chance
/// σ(s xW·β_a + q_a − c), W and the quality q hidden.
/// </summary>
internal sealed class SimulatedWorld : IDisposable
{
    private const double Sharpness = 1.2;
    private const double QualitySpread = 0.2;
    private const double Reluctance = 3;

    private readonly double[,] _taste;
    private readonly double[] _quality;

    public SimulatedWorld(LoopOptions options)
    {
        int dimension = options.Dimension;
        Random random = new(options.Seed);
        double scale = 1 / Math.Sqrt(dimension);
        Items = new Matrix(options.Items, dimension);
        _quality = new double[options.Items];
        for (int item = 0; item < options.Items; item++)
        {
            _quality[item] = QualitySpread * Normal(random);
            foreach (ref float feature in Items.Row(item))
                feature = (float)(scale * Normal(random));
        }

        _taste = new double[dimension, dimension];
        for (int i = 0; i < dimension; i++)
        {
            for (int j = 0; j < dimension; j++)
                _taste[i, j] = scale * Normal(random);
        }
    }

    /// <summary>β [P, L]: features that everybody sees.</summary>
    public Matrix Items { get; }

    /// <summary>A user comes: x [L].</summary>
    public static void FillUser(Random random, Span<float> context)
    {
        foreach (ref float value in context)
            value = (float)Normal(random);
    }

    /// <summary>The chance of a click for each item, P of them.</summary>
    public void FillRewards(ReadOnlySpan<float> context, Span<double> rewards)
    {
        Span<double> wish = stackalloc double[context.Length];
        for (int j = 0; j < wish.Length; j++)
        {
            wish[j] = 0;
            for (int i = 0; i < context.Length; i++)
                wish[j] += context[i] * _taste[i, j];
        }

        for (int item = 0; item < rewards.Length; item++)
        {
            ReadOnlySpan<float> features = Items.Row(item);
            double match = 0;
            for (int j = 0; j < features.Length; j++)
                match += wish[j] * features[j];
            rewards[item] = 1 / (1 + Math.Exp(Reluctance - (Sharpness * match) - _quality[item]));
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Items.Dispose();

    // Box and Muller.
    private static double Normal(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
