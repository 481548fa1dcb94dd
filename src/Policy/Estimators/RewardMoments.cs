namespace KernelPolicy.Policy;

/// <summary>Sums over some items of one context, in double precision, of e^{p(f−m)}, and of it times V r^q.</summary>
internal struct RewardMoments
{
    private double _weight1, _weight2, _weight3;
    private double _reward1, _reward2, _reward3;
    private double _square1, _square2, _square3;

    /// <summary>Σ e^{f−m}.</summary>
    public double Mass { get; private set; }

    /// <summary>Σ e^{2(f−m)}.</summary>
    public double SquaredMass { get; private set; }

    /// <summary>Σ e^{f−m} r.</summary>
    public double Reward { get; private set; }

    /// <summary>Σ e^{f−m} V.</summary>
    public readonly double Weight => _weight1;

    /// <summary>Σ e^{2(f−m)} V.</summary>
    public readonly double SquaredWeight => _weight2;

    /// <summary>Sums over <paramref name="items"/>, each counted <paramref name="times"/>.</summary>
    /// <param name="items">Which.</param>
    /// <param name="maximum">m, no less than any of their scores.</param>
    /// <param name="times">Copies of each; need not be whole.</param>
    public static RewardMoments Over(ScoredRewards items, float maximum, double times = 1)
    {
        RewardMoments sums = default;
        for (int i = 0; i < items.Count; i++)
        {
            double e = Math.Exp((double)items.Scores[i] - maximum), r = items.Rewards[i], mass = times * e;
            sums.Mass += mass;
            sums.SquaredMass += mass * e;
            sums.Reward += mass * r;
            double first = mass * items.Spreads[i], second = first * e, third = second * e;
            sums._weight1 += first;
            sums._weight2 += second;
            sums._weight3 += third;
            sums._reward1 += first * r;
            sums._reward2 += second * r;
            sums._reward3 += third * r;
            sums._square1 += first * r * r;
            sums._square2 += second * r * r;
            sums._square3 += third * r * r;
        }

        return sums;
    }

    /// <summary>Σ e^{f−m} V (r − r̄)².</summary>
    public readonly double Spread(double mean) => _square1 - (mean * ((2 * _reward1) - (mean * _weight1)));

    /// <summary>Σ e^{2(f−m)} V (r − r̄)².</summary>
    public readonly double SquaredSpread(double mean) => _square2 - (mean * ((2 * _reward2) - (mean * _weight2)));

    /// <summary>Σ e^{3(f−m)} V (r − r̄)².</summary>
    public readonly double CubedSpread(double mean) => _square3 - (mean * ((2 * _reward3) - (mean * _weight3)));
}
