using ILGPU;

namespace KernelPolicy.Kernels.Ilgpu;

/// <summary>
/// The terms of head and tail: e^{f−m}, times the reward, less a line in f whose sum over the catalogue is known; Ẑ, r̄, and what of
/// the errors is a sum over draws. Each half of the draws is corrected by the line of the other, so that the estimate stays unbiased.
/// </summary>
/// <remarks>
/// algorithm.md, item 5, as <see cref="StrataGradient"/>, whose remarks have the formulas. One group a context; sums in double
/// precision. A thread meets the same slots in every pass. Bound by latency: a dozen passes over a few hundred numbers, and barriers.
/// Reference: StrataEstimate of the tests.
/// </remarks>
internal static class StrataTermsKernel
{
    /// <summary>Groups: one a context.</summary>
    public static void Run<TRewards>(
        ArrayView<float> queries, StrataItems strata, StrataTerms terms, BatchView batch, StrataShape shape, ItemMoments moments,
        TRewards rewards)
        where TRewards : struct, IRewardTable
    {
        ArrayView<double> room = SharedMemory.Allocate<double>(GroupSums.Room);
        int position = Grid.IdxX;
        StrataCounts counts = strata.Counts[position];
        long head = (long)position * shape.Slots, tail = head + shape.HeadCapacity;
        bool isControlled = shape.IsControlled(counts);
        double outside = shape.Catalogue - counts.Head;
        double scale = counts.Tail == 0 ? 0 : outside / counts.Tail;
        float shift = Shift(room, strata, counts, head, tail);
        float lowest = Lowest(room, strata, counts, head);

        Exponentiate(strata, terms, batch, shape, rewards, counts, shift, head, tail);
        double scoreSum = moments.ScoreSum(room, queries, position);
        float largest = LargestDraw(room, terms, counts, tail);
        Totals raw = Totals.Of(room, terms, counts, head, tail);
        int half = counts.Tail / 2;

        // Made where they are not needed as well, so that barriers stand in no branch.
        HalfMoments first = HalfMoments.Of(room, strata, terms, tail, 0, half);
        HalfMoments second = HalfMoments.Of(room, strata, terms, tail, half, counts.Tail);
        int firstKind = first.Kind(shape.IsDense, raw.Head, raw.HeadRewarded, outside);
        int secondKind = second.Kind(shape.IsDense, raw.Head, raw.HeadRewarded, outside);
        isControlled = isControlled && firstKind + secondKind > 0;
        DeviceLines weights = default, rewarded = default;
        if (isControlled)
        {
            // Both sums have lines of the same kind: a reward that is the same everywhere must cancel.
            double shareOfFirst = (double)half / counts.Tail;
            weights = DeviceLines.Cross(first.Weights(firstKind), second.Weights(secondKind), shareOfFirst);
            rewarded = DeviceLines.Cross(first.Rewarded(firstKind), second.Rewarded(secondKind), shareOfFirst);
            Subtract(strata, terms, counts, weights, rewarded, head, tail);
        }

        Totals left = Totals.Of(room, terms, counts, head, tail);
        double partition = weights.Both.Sum(shape.Catalogue, scoreSum) + left.Head + (scale * (left.First + left.Second));
        if (isControlled && partition <= raw.Head)
        {
            // The line took more than there is: rare, and worse than no line.
            Exponentiate(strata, terms, batch, shape, rewards, counts, shift, head, tail);
            isControlled = false;
            weights = rewarded = default;
            left = raw;
            partition = left.Head + (scale * (left.First + left.Second));
        }

        double reward = (rewarded.Both.Sum(shape.Catalogue, scoreSum) + left.HeadRewarded + (scale * left.TailRewarded)) / partition;
        StrataFigures figures = Centre(room, strata, terms, moments, counts, left, reward, lowest, isControlled, head, tail);
        if (Group.IdxX != 0)
            return;
        double share = outside / partition;
        figures.Scale = scale;
        figures.Partition = partition;
        figures.Reward = reward;
        figures.Weights = weights.Both;
        figures.Rewarded.Intercept = rewarded.Both.Intercept - (reward * weights.Both.Intercept);
        figures.Rewarded.Slope = rewarded.Both.Slope - (reward * weights.Both.Slope);
        figures.PartitionVariance = counts.IsWhole != 0 ? 0 : share * share * figures.PartitionVariance;
        figures.SampleSize = raw.Tail * raw.Tail / raw.TailSquares;
        figures.LargestDraw = counts.Tail == 0 ? 0 : scale * largest / partition;
        terms.Figures[position] = figures;
    }

    private static float Shift(ArrayView<double> room, StrataItems strata, StrataCounts counts, long head, long tail)
    {
        float largest = float.NegativeInfinity;
        for (int k = Group.IdxX; k < counts.Head; k += Group.DimX)
            largest = Math.Max(largest, strata.Scores[head + k]);
        for (int j = Group.IdxX; j < counts.Tail; j += Group.DimX)
            largest = Math.Max(largest, strata.Scores[tail + j]);
        return GroupSums.Largest(room, largest);
    }

    // An item outside that exceeds the least of the retrieved was missed; where none were retrieved, none was.
    private static float Lowest(ArrayView<double> room, StrataItems strata, StrataCounts counts, long head)
    {
        float lowest = float.PositiveInfinity;
        for (int k = Group.IdxX; k < counts.Retrieved; k += Group.DimX)
            lowest = Math.Min(lowest, strata.Scores[head + k]);
        return GroupSums.Smallest(room, lowest);
    }

    private static float LargestDraw(ArrayView<double> room, StrataTerms terms, StrataCounts counts, long tail)
    {
        float largest = 0;
        for (int j = Group.IdxX; j < counts.Tail; j += Group.DimX)
            largest = Math.Max(largest, terms.Weights[tail + j]);
        return GroupSums.Largest(room, largest);
    }

    private static void Exponentiate<TRewards>(
        StrataItems strata, StrataTerms terms, BatchView batch, StrataShape shape, TRewards rewards, StrataCounts counts, float shift,
        long head, long tail)
        where TRewards : struct, IRewardTable
    {
        for (int k = Group.IdxX; k < counts.Head; k += Group.DimX)
        {
            float weight = DeviceMath.Exp(strata.Scores[head + k] - shift);
            terms.Weights[head + k] = weight;
            terms.Rewarded[head + k] = weight * rewards.At(batch, Grid.IdxX, k, strata.Items[head + k]);
        }

        for (int j = Group.IdxX; j < counts.Tail; j += Group.DimX)
        {
            float weight = DeviceMath.Exp(strata.Scores[tail + j] - shift);
            terms.Weights[tail + j] = weight;
            terms.Rewarded[tail + j] =
                shape.IsDense ? weight * rewards.At(batch, Grid.IdxX, (long)shape.HeadCapacity + j, strata.Items[tail + j]) : 0;
        }
    }

    private static void Subtract(
        StrataItems strata, StrataTerms terms, StrataCounts counts, DeviceLines weights, DeviceLines rewarded, long head, long tail)
    {
        for (int k = Group.IdxX; k < counts.Head; k += Group.DimX)
            Subtract(strata, terms, weights.Both, rewarded.Both, head + k);
        int half = counts.Tail / 2;
        for (int j = Group.IdxX; j < counts.Tail; j += Group.DimX)
        {
            if (j < half)
                Subtract(strata, terms, weights.OfFirst, rewarded.OfFirst, tail + j);
            else
                Subtract(strata, terms, weights.OfSecond, rewarded.OfSecond, tail + j);
        }
    }

    private static void Subtract(StrataItems strata, StrataTerms terms, DeviceLine weights, DeviceLine rewarded, long slot)
    {
        double score = strata.Scores[slot];
        terms.Weights[slot] = (float)(terms.Weights[slot] - weights.At(score));
        terms.Rewarded[slot] = (float)(terms.Rewarded[slot] - rewarded.At(score));
    }

    // z = y^r − r̄ y, and what the errors are made of.
    private static StrataFigures Centre(
        ArrayView<double> room, StrataItems strata, StrataTerms terms, ItemMoments moments, StrataCounts counts, Totals left, double reward,
        float lowest, bool isHalved, long head, long tail)
    {
        int n = counts.Tail, half = n / 2;
        double mean = left.Tail / n;
        double firstMean = isHalved ? left.First / half : mean, secondMean = isHalved ? left.Second / (n - half) : mean;
        for (int k = Group.IdxX; k < counts.Head; k += Group.DimX)
            terms.Rewarded[head + k] = (float)(terms.Rewarded[head + k] - (reward * terms.Weights[head + k]));
        double sum = 0, squares = 0, products = 0, ySquares = 0, norms = 0, spread = 0, missed = 0;
        for (int j = Group.IdxX; j < n; j += Group.DimX)
        {
            double y = terms.Weights[tail + j], z = terms.Rewarded[tail + j] - (reward * y);
            terms.Rewarded[tail + j] = (float)z;
            double off = y - (j < half ? firstMean : secondMean);
            sum += z;
            squares += z * z;
            products += z * y;
            ySquares += y * y;
            norms += z * z * moments.SquaredNorms[strata.Items[tail + j]];
            spread += off * off;
            missed += strata.Scores[tail + j] > lowest ? 1.0 : 0.0;
        }

        GroupSums.Put(room, 0, sum);
        GroupSums.Put(room, 1, squares);
        GroupSums.Put(room, 2, products);
        GroupSums.Put(room, 3, ySquares);
        GroupSums.Put(room, 4, norms);
        GroupSums.Put(room, 5, spread);
        GroupSums.Put(room, 6, missed);
        GroupSums.Join(room, 7);
        StrataFigures figures = default;
        figures.Z = GroupSums.Take(room, 0);
        figures.Y = left.Tail;
        figures.ZSquares = GroupSums.Take(room, 1);
        figures.Products = GroupSums.Take(room, 2);
        figures.YSquares = GroupSums.Take(room, 3);
        figures.ZNorms = GroupSums.Take(room, 4);
        figures.PartitionVariance = n < 2
            ? double.PositiveInfinity
            : GroupSums.Take(room, 5) / (isHalved ? n - 2 : n - 1) / n;
        figures.Missed = GroupSums.Take(room, 6);
        return figures;
    }

    /// <summary>Sums of the terms of one context.</summary>
    private struct Totals
    {
        public double Head;
        public double HeadRewarded;
        public double First;
        public double Second;
        public double TailRewarded;
        public double TailSquares;

        public readonly double Tail => First + Second;

        public static Totals Of(ArrayView<double> room, StrataTerms terms, StrataCounts counts, long headSlot, long tailSlot)
        {
            double head = 0, headRewarded = 0, first = 0, second = 0, tailRewarded = 0, squares = 0;
            for (int k = Group.IdxX; k < counts.Head; k += Group.DimX)
            {
                head += terms.Weights[headSlot + k];
                headRewarded += terms.Rewarded[headSlot + k];
            }

            for (int j = Group.IdxX; j < counts.Tail; j += Group.DimX)
            {
                double y = terms.Weights[tailSlot + j];
                first += j < counts.Tail / 2 ? y : 0;
                second += j < counts.Tail / 2 ? 0 : y;
                tailRewarded += terms.Rewarded[tailSlot + j];
                squares += y * y;
            }

            GroupSums.Put(room, 0, head);
            GroupSums.Put(room, 1, headRewarded);
            GroupSums.Put(room, 2, first);
            GroupSums.Put(room, 3, second);
            GroupSums.Put(room, 4, tailRewarded);
            GroupSums.Put(room, 5, squares);
            GroupSums.Join(room, 6);
            Totals totals;
            totals.Head = GroupSums.Take(room, 0);
            totals.HeadRewarded = GroupSums.Take(room, 1);
            totals.First = GroupSums.Take(room, 2);
            totals.Second = GroupSums.Take(room, 3);
            totals.TailRewarded = GroupSums.Take(room, 4);
            totals.TailSquares = GroupSums.Take(room, 5);
            return totals;
        }
    }
}
