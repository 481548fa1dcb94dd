using KernelPolicy.Data;
using KernelPolicy.Kernels;
using KernelPolicy.Policy;

namespace KernelPolicy.Cli.Pipeline;

/// <summary>Exact expected rewards, known where the log is synthetic.</summary>
/// <param name="Logging">Of the policy that made the log.</param>
/// <param name="Uniform">Of acting without regard to anything.</param>
/// <param name="Policy">Of the policy in question; NaN where it is known by logged actions alone.</param>
/// <param name="Best">Of always taking the item most likely to be rewarded.</param>
internal sealed record TrueValues(double Logging, double Uniform, double Policy, double Best)
{
    /// <summary>Computes them.</summary>
    /// <param name="truth">The problem.</param>
    /// <param name="query">Θ [L, L], and b where there is one, of a softmax policy; null for the uniform one.</param>
    /// <param name="items">Its β [P, L], L at least the problem's features; null with Θ.</param>
    public static TrueValues Of(SyntheticBandit truth, QueryMap? query, Matrix? items)
    {
        double uniform = truth.Value((_, probabilities) => probabilities.Fill(1.0 / truth.ItemCount));
        double policy = query is not { } map || items is null
            ? uniform
            : truth.Value((context, probabilities) => Softmax(truth.Contexts.Row(context), map, items, probabilities));
        return new TrueValues(truth.LoggingValue(), uniform, policy, truth.BestValue());
    }

    // π(a|x) in double precision: h = xΘ + b, the context's features beyond its own being zero.
    private static void Softmax(ReadOnlySpan<float> x, QueryMap query, Matrix items, Span<double> probabilities)
    {
        double[] h = new double[query.Theta.Columns];
        for (int l = 0; l < h.Length; l++)
            h[l] = query.Bias?.Row(0)[l] ?? 0;
        for (int row = 0; row < x.Length; row++)
        {
            ReadOnlySpan<float> weights = query.Theta.Row(row);
            for (int l = 0; l < h.Length; l++)
                h[l] += (double)x[row] * weights[l];
        }

        double most = double.NegativeInfinity;
        for (int item = 0; item < probabilities.Length; item++)
        {
            ReadOnlySpan<float> beta = items.Row(item);
            double score = 0;
            for (int l = 0; l < h.Length; l++)
                score += h[l] * beta[l];
            probabilities[item] = score;
            most = Math.Max(most, score);
        }

        double sum = 0;
        foreach (ref double probability in probabilities)
            sum += probability = Math.Exp(probability - most);
        foreach (ref double probability in probabilities)
            probability /= sum;
    }
}
