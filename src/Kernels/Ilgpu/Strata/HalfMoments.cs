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
    private double _weightByRewarded;
    private double _rewardedSquares;
    private int _draws;

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
        double ff = 0, fy = 0, yy = 0, fr = 0, yr = 0, rr = 0;
        for (int j = begin + Group.IdxX; j < end; j += Group.DimX)
        {
            double df = strata.Scores[tail + j] - moments._score, dy = terms.Weights[tail + j] - moments._weight;
            double dr = terms.Rewarded[tail + j] - moments._rewarded;
            ff += df * df;
            fy += df * dy;
            yy += dy * dy;
            fr += df * dr;
            yr += dy * dr;
            rr += dr * dr;
        }

        GroupSums.Put(room, 0, ff);
        GroupSums.Put(room, 1, fy);
        GroupSums.Put(room, 2, yy);
        GroupSums.Put(room, 3, fr);
        GroupSums.Put(room, 4, yr);
        GroupSums.Put(room, 5, rr);
        GroupSums.Join(room, 6);
        moments._scoreSquares = GroupSums.Take(room, 0);
        moments._scoreByWeight = GroupSums.Take(room, 1);
        moments._weightSquares = GroupSums.Take(room, 2);
        moments._scoreByRewarded = GroupSums.Take(room, 3);
        moments._weightByRewarded = GroupSums.Take(room, 4);
        moments._rewardedSquares = GroupSums.Take(room, 5);
        moments._draws = end - begin;
        return moments;
    }

    /// <summary>The kind of line that the draws ask for: a slope where they are nearly linear, else a level; where they have rewards
    /// of their own, what is summed is e^f (r − r̄), and if that is no line, none.</summary>
    /// <param name="isDense">Whether the draws have rewards.</param>
    /// <param name="head">Σ e^f of the head.</param>
    /// <param name="headRewarded">Σ e^f r of the head.</param>
    /// <param name="outside">P − |H|.</param>
    public readonly int Kind(bool isDense, double head, double headRewarded, double outside)
    {
        // r̄ by the head and this half alone: a half's line must not know the other.
        double mean = isDense ? (headRewarded + (outside * _rewarded)) / (head + (outside * _weight)) : 0;
        double products = isDense ? _scoreByRewarded - (mean * _scoreByWeight) : _scoreByWeight;
        double squares = isDense
            ? _rewardedSquares - (2 * mean * _weightByRewarded) + (mean * mean * _weightSquares)
            : _weightSquares;
        if (products * products > (0.5 + (2.4 / _draws)) * _scoreSquares * squares)
            return DeviceLine.Sloped;
        return isDense ? DeviceLine.None : DeviceLine.Level;
    }

    /// <summary>The line through e^f.</summary>
    public readonly DeviceLine Weights(int kind) => DeviceLine.Through(_score, _weight, _scoreSquares, _scoreByWeight, kind);

    /// <summary>The line through e^f r.</summary>
    public readonly DeviceLine Rewarded(int kind) => DeviceLine.Through(_score, _rewarded, _scoreSquares, _scoreByRewarded, kind);
}
