using System.Numerics.Tensors;

namespace KernelPolicy.Kernels;

/// <summary>What self-normalised weights say of themselves.</summary>
/// <param name="EffectiveSampleSize">(Σω)² / Σω², between 1 and the number of draws.</param>
/// <param name="LargestWeight">The largest share that one draw carries.</param>
/// <param name="LogSum">ln Σω.</param>
public readonly record struct WeightStatistics(double EffectiveSampleSize, double LargestWeight, double LogSum);

/// <summary>
/// Self-normalised importance weights and the coefficients of the covariance gradient, for the n distinct items of one
/// context: w̄_j = n_j e^{ln ω_j} / Σ, n_j how often item j was drawn, and c_j = w̄_j (r_j − r̄), r̄ = Σ w̄ r.
/// </summary>
/// <remarks>In log space with the maximum subtracted: adding a constant to all scores changes nothing but rounding.</remarks>
public static class ImportanceWeights
{
    /// <summary>Turns log-weights into weights that sum to 1, in place.</summary>
    /// <param name="weights">ln ω_j of one draw of each item [n], at least one of them finite; receives w̄_j.</param>
    /// <param name="counts">n_j [n], or empty where each item was drawn once.</param>
    public static WeightStatistics SelfNormalise(Span<float> weights, ReadOnlySpan<float> counts)
    {
        float maximum = TensorPrimitives.Max<float>(weights);
        TensorPrimitives.Subtract(weights, maximum, weights);
        TensorPrimitives.Exp<float>(weights, weights);
        double squares, sum;
        float largest;
        if (counts.IsEmpty)
        {
            squares = TensorPrimitives.SumOfSquares<float>(weights);
            sum = TensorPrimitives.Sum<float>(weights);
            largest = 1;
        }
        else
        {
            squares = 0;
            for (int j = 0; j < weights.Length; j++)
                squares += (double)counts[j] * weights[j] * weights[j];
            largest = TensorPrimitives.Max<float>(weights);
            TensorPrimitives.Multiply(weights, counts, weights);
            sum = TensorPrimitives.Sum<float>(weights);
        }

        TensorPrimitives.Divide(weights, (float)sum, weights);
        return new WeightStatistics(sum * sum / squares, largest / sum, maximum + Math.Log(sum));
    }

    /// <summary>Turns weights into the coefficients c_j = w̄_j (r_j − r̄ − v), in place.</summary>
    /// <param name="weights">w̄_j [n]; receives c_j.</param>
    /// <param name="rewards">r_j [n]; overwritten.</param>
    /// <param name="offset">v, how often E_π β is subtracted besides: 0 for the covariance.</param>
    /// <returns>r̄, the estimate of E_π[r].</returns>
    public static float ToCovarianceCoefficients(Span<float> weights, Span<float> rewards, float offset = 0)
    {
        float mean = TensorPrimitives.Dot<float>(weights, rewards);
        TensorPrimitives.Subtract(rewards, mean + offset, rewards);
        TensorPrimitives.Multiply(weights, rewards, weights);
        return mean;
    }
}
