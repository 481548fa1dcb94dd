namespace KernelPolicy.Policy;

/// <summary>Sums, over contexts, of what their strata said of themselves: they add up over batches and epochs.</summary>
/// <param name="Contexts">Contexts summed over; 0 with other methods.</param>
/// <param name="PartitionVariance">Σ of the squared standard errors of Ẑ, each as a share of its Ẑ.</param>
/// <param name="GradientVariance">Σ E‖ĝ − Eĝ‖², as estimated from the draws.</param>
/// <param name="GradientSquare">Σ ‖ĝ‖².</param>
/// <param name="TailDraws">Σ l', draws outside the head.</param>
/// <param name="HeadItems">Σ |H|.</param>
/// <param name="Missed">Draws that scored above the least of the retrieved items: misses of the index.</param>
/// <param name="Searched">Contexts for which the index was asked.</param>
public readonly record struct StrataStatistics(
    long Contexts, double PartitionVariance, double GradientVariance, double GradientSquare, long TailDraws, long HeadItems, long Missed,
    long Searched)
{
    /// <summary>Root mean square of the standard errors of Ẑ, as shares of Ẑ; NaN without contexts.</summary>
    public double PartitionError => Math.Sqrt(PartitionVariance / Contexts);

    /// <summary>Relative error of g: √(Σ E‖ĝ − Eĝ‖² / Σ‖ĝ‖²); NaN without contexts.</summary>
    public double GradientError => Contexts == 0 ? double.NaN : GradientVariance == 0 ? 0 : Math.Sqrt(GradientVariance / GradientSquare);

    /// <summary>Both together.</summary>
    public StrataStatistics Plus(StrataStatistics other) => new(
        Contexts + other.Contexts,
        PartitionVariance + other.PartitionVariance,
        GradientVariance + other.GradientVariance,
        GradientSquare + other.GradientSquare,
        TailDraws + other.TailDraws,
        HeadItems + other.HeadItems,
        Missed + other.Missed,
        Searched + other.Searched);
}
