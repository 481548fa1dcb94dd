using ILGPU;

namespace KernelPolicy.Kernels.Ilgpu;

/// <summary>Means of the scores and terms of some draws, then sums of squares and products about them: what a line through them is made
/// of (see <see cref="LinearControl"/>).</summary>
internal struct HalfMoments
{
    private double _score;
    private double _weight;
    private double _rewarded;
    private double _scoreSquares;
    private double _scoreByWeight;
    private double _weightSquares;
    private double _scoreByRewarded;

    /// <summary>Those of the draws from <paramref name="begin"/> to <paramref name="end"/>, at least one; every thread of the group takes
    /// part.</summary>
    public static HalfMoments Of(ArrayView<double> room, StrataItems strata, StrataTerms terms, long tail, int begin, int end)
    {
        double f = 0, y = 0, r = 0;
        for (int j = begin + Group.IdxX; j < end; j += Group.DimX)
        {
            f += strata.Scores[tail + j];
            y += terms.Weights[tail + j];
            r += terms.Rewarded[tail + j];
        }

        GroupSums.Put(room, 0, f);
        GroupSums.Put(room, 1, y);
        GroupSums.Put(room, 2, r);
        GroupSums.Join(room, 3);
        HalfMoments moments;
        moments._score = GroupSums.Take(room, 0) / (end - begin);
        moments._weight = GroupSums.Take(room, 1) / (end - begin);
        moments._rewarded = GroupSums.Take(room, 2) / (end - begin);
        double ff = 0, fy = 0, yy = 0, fr = 0;
        for (int j = begin + Group.IdxX; j < end; j += Group.DimX)
        {
            double df = strata.Scores[tail + j] - moments._score, dy = terms.Weights[tail + j] - moments._weight;
            ff += df * df;
            fy += df * dy;
            yy += dy * dy;
            fr += df * (terms.Rewarded[tail + j] - moments._rewarded);
        }

        GroupSums.Put(room, 0, ff);
        GroupSums.Put(room, 1, fy);
        GroupSums.Put(room, 2, yy);
        GroupSums.Put(room, 3, fr);
        GroupSums.Join(room, 4);
        moments._scoreSquares = GroupSums.Take(room, 0);
        moments._scoreByWeight = GroupSums.Take(room, 1);
        moments._weightSquares = GroupSums.Take(room, 2);
        moments._scoreByRewarded = GroupSums.Take(room, 3);
        return moments;
    }

    /// <summary>The line through e^f of so many draws.</summary>
    public readonly DeviceLine Weights(int draws) =>
        DeviceLine.Through(_score, _weight, _scoreSquares, _scoreByWeight, IsLinear(draws));

    /// <summary>The line through e^f r, which slopes where that through e^f does.</summary>
    public readonly DeviceLine Rewarded(int draws) =>
        DeviceLine.Through(_score, _rewarded, _scoreSquares, _scoreByRewarded, IsLinear(draws));

    private readonly bool IsLinear(int draws) =>
        _scoreByWeight * _scoreByWeight > (0.5 + (2.4 / draws)) * _scoreSquares * _weightSquares;
}
