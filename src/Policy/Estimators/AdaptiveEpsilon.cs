namespace KernelPolicy.Policy;

/// <summary>
/// The mixture's ε that suits one context: much where the tail of its policy has most of the error, little where the head has it.
/// </summary>
/// <remarks>
/// <para>The self-normalised estimate of g has the variance (1/S) Σ_a π_a² ‖ψ_a‖²/q_a, ψ_a = (r_a − r̄)(β_a − β̄) − g. In the head
/// q_a = (1−ε) e^f/Σ_head e^f but for ε/P, in the tail q_a = ε/P, so that it is H/(1−ε) + T/ε, least at ε* = √T/(√T + √H). With
/// w_a = ‖ψ_a‖², and times Z², H = Σ_head e^f · Σ_head e^f w and T = P Σ_tail e^2f w.</para>
/// <para>With V_a = ‖β_a − β̄‖², and were the β_a − β̄ orthogonal, w_a would be
/// V_a (r_a − r̄)²(1 − 2π_a) + Σ_b π_b² V_b (r_b − r̄)²: that is what is taken. So an ε is chosen by where the rewards lie as much as by the policy. Head and rewarded items are summed exactly; a
/// pilot of uniform draws stands for the rest of the tail, and for Z. The pilot's draws are not the mixture's own, so that the
/// estimate of g, given ε, is what it is with an ε that is set.</para>
/// <para>The log-likelihood samples E_π[β] alone: its w is V_a, times a number that is the same for all.</para>
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

    /// <summary>ε* of one context for the expected reward, within the bounds.</summary>
    /// <param name="head">α_K.</param>
    /// <param name="rewarded">The items outside α_K whose rewards are known one by one.</param>
    /// <param name="pilot">The pilot's draws outside both. Where there are none, the head's item of least score, without a reward,
    /// stands for them: no item outside an exact top K scores more.</param>
    /// <param name="catalogue">P.</param>
    /// <param name="samples">S.</param>
    /// <returns>ε*; the least where the head is the whole catalogue, where g is 0 whatever is drawn, or where scores are not
    /// numbers.</returns>
    public static double Choose(ScoredRewards head, ScoredRewards rewarded, ScoredRewards pilot, int catalogue, int samples)
    {
        (RewardMoments h, RewardMoments y, RewardMoments t) = Moments(head, rewarded, pilot, catalogue);
        double z = h.Mass + y.Mass + t.Mass, mean = (h.Reward + y.Reward + t.Reward) / z;
        double length = (h.SquaredSpread(mean) + y.SquaredSpread(mean) + t.SquaredSpread(mean)) / (z * z);

        double inHead = h.Spread(mean) - (2 * h.SquaredSpread(mean) / z) + (length * h.Mass);
        double outside = y.SquaredSpread(mean) + t.SquaredSpread(mean) - (2 * (y.CubedSpread(mean) + t.CubedSpread(mean)) / z)
            + (length * (y.SquaredMass + t.SquaredMass));
        return Balance(h.Mass * inHead, catalogue * outside, samples);
    }

    /// <summary>ε* of one context for an estimate of E_π[β], w = V, as the log-likelihood needs it, within the bounds.</summary>
    /// <inheritdoc cref="Choose(ScoredRewards, ScoredRewards, ScoredRewards, int, int)"/>
    public static double ChooseForMean(ScoredRewards head, ScoredRewards rewarded, ScoredRewards pilot, int catalogue, int samples)
    {
        (RewardMoments h, RewardMoments y, RewardMoments t) = Moments(head, rewarded, pilot, catalogue);
        return Balance(h.Mass * h.Weight, catalogue * (y.SquaredWeight + t.SquaredWeight), samples);
    }

    private static (RewardMoments Head, RewardMoments Rewarded, RewardMoments Tail) Moments(
        ScoredRewards head, ScoredRewards rewarded, ScoredRewards pilot, int catalogue)
    {
        float maximum = float.NegativeInfinity, lowest = float.PositiveInfinity, lowestSpread = 0;
        for (int i = 0; i < head.Count; i++)
        {
            maximum = Math.Max(maximum, head.Scores[i]);
            if (head.Scores[i] < lowest)
                (lowest, lowestSpread) = (head.Scores[i], head.Spreads[i]);
        }

        foreach (float score in rewarded.Scores)
            maximum = Math.Max(maximum, score);
        foreach (float score in pilot.Scores)
            maximum = Math.Max(maximum, score);

        ReadOnlySpan<float> standIn = [lowest], nothing = [0], spread = [lowestSpread];
        scoped ScoredRewards tail = pilot;
        if (tail.Count == 0)
            tail = new ScoredRewards(standIn, nothing, spread);
        double each = (double)(catalogue - head.Count - rewarded.Count) / tail.Count;
        return (RewardMoments.Over(head, maximum), RewardMoments.Over(rewarded, maximum), RewardMoments.Over(tail, maximum, each));
    }

    private static double Balance(double head, double tail, int samples)
    {
        // Rounding may leave a sum of squares a little below 0.
        double least = Least(samples), root = Math.Sqrt(Math.Max(tail, 0)), epsilon = root / (root + Math.Sqrt(Math.Max(head, 0)));
        return double.IsNaN(epsilon) ? least : Math.Clamp(epsilon, least, Math.Max(least, Largest));
    }
}
