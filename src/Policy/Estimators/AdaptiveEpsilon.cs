namespace KernelPolicy.Policy;

/// <summary>
/// The mixture's ε that suits one context: much where the tail of its policy is heavy, little where the head holds nearly all.
/// </summary>
/// <remarks>
/// <para>The variance of self-normalised weights π/q grows with Σ_a π_a²/q_a. With τ the share of Z outside α_K, the head's part
/// of it is (1−τ)²/(1−ε), since q there is (1−ε) π/(1−τ) but for ε/P, and the tail's part is P Σ_tail π²/ε. Their sum is least at
/// ε* = √T/(√T + √H), √H = 1 − τ, √T = √(P Σ_tail π²) = τ √((1 + cv²) P/(P − K)), cv the coefficient of variation of e^f over the
/// tail.</para>
/// <para>τ and cv need not be known apart. Both roots times Z are sums of e^f: √H Z = Σ_head e^f, and √T Z = √(P (P−K)) times the
/// root mean square of e^f over the tail, which a pilot of uniform draws estimates. The pilot's draws are not the mixture's own,
/// so that the estimate of g, given ε, is what it is with an ε that is set.</para>
/// <para>Rewards are not looked at: where they are sparse, the error also depends on where the rewarded items lie.</para>
/// </remarks>
public static class AdaptiveEpsilon
{
    /// <summary>l₀, draws of the pilot, shared by the batch; the whole catalogue where it is no larger.</summary>
    public const int PilotDraws = 64;

    /// <summary>The most that is chosen. At ε ≥ 0.98 the uniform part is within 2 % of what it is alone, so that a bound costs no
    /// more, while a pilot that misjudges the head is limited to 50 times the head's part.</summary>
    public const double Largest = 0.98;

    /// <summary>The least that is chosen for S draws: 0.02 by the same reason, and no less than one uniform draw of S, without which
    /// the stratified sampler would never see the tail.</summary>
    public static double Least(int samples) => Math.Max(1 - Largest, Math.BitIncrement(1.0 / samples));

    /// <summary>ε* of one context, within the bounds.</summary>
    /// <param name="headScores">f of the items of α_K [K].</param>
    /// <param name="tailScores">f of the pilot's draws outside α_K. Where there are none, the head's least score stands for
    /// them: no item outside an exact top K scores more.</param>
    /// <param name="catalogue">P.</param>
    /// <param name="samples">S.</param>
    /// <returns>ε*; the least where the head is the whole catalogue, or where scores are not numbers.</returns>
    public static double Choose(ReadOnlySpan<float> headScores, ReadOnlySpan<float> tailScores, int catalogue, int samples)
    {
        double least = Least(samples);
        if (headScores.Length >= catalogue)
            return least;
        double maximum = double.NegativeInfinity, minimum = double.PositiveInfinity;
        foreach (float score in headScores)
            (maximum, minimum) = (Math.Max(maximum, score), Math.Min(minimum, score));
        foreach (float score in tailScores)
            maximum = Math.Max(maximum, score);
        double head = 0;
        foreach (float score in headScores)
            head += Math.Exp(score - maximum);
        double square = 0;
        foreach (float score in tailScores)
            square += Math.Exp(2 * (score - maximum)) / tailScores.Length;
        if (tailScores.IsEmpty)
            square = Math.Exp(2 * (minimum - maximum));

        double tail = Math.Sqrt((double)catalogue * (catalogue - headScores.Length) * square);
        double epsilon = tail / (tail + head);
        return double.IsNaN(epsilon) ? least : Math.Clamp(epsilon, least, Math.Max(least, Largest));
    }
}
