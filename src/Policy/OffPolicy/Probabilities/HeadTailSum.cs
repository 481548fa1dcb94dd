using KernelPolicy.Kernels;

namespace KernelPolicy.Policy;

/// <summary>Ẑ and E_π[r] of one context from an exact head and a uniform tail; see <see cref="EstimatedProbabilities"/>.</summary>
/// <remarks>Not thread-safe: one a worker. Grows to the largest head it meets.</remarks>
internal sealed unsafe class HeadTailSum(Matrix items, int draws, int headCapacity)
{
    private readonly int[] _tail = new int[draws];
    private readonly float[] _tailScores = new float[draws];
    private readonly float[] _tailRewards = new float[draws];
    private int[] _head = new int[headCapacity];
    private float[] _headScores = new float[headCapacity];
    private float[] _headRewards = new float[headCapacity];
    private int _headCount;

    /// <summary>ln Ẑ.</summary>
    public double LogZ { get; private set; }

    /// <summary>Standard error of Ẑ over Ẑ.</summary>
    public double LogError { get; private set; }

    /// <summary>E_π[r]; 0 without a model.</summary>
    public double Mean { get; private set; }

    /// <summary>Standard error of <see cref="Mean"/>.</summary>
    public double MeanError { get; private set; }

    /// <summary>Makes the head of what an index found, the logged action and the items with outstanding rewards; repeats
    /// do no harm.</summary>
    public void SetHead(ReadOnlySpan<int> found, int action, ReadOnlySpan<int> rewarded)
    {
        int most = found.Length + 1 + rewarded.Length;
        if (_head.Length < most)
        {
            Array.Resize(ref _head, most);
            Array.Resize(ref _headScores, most);
            Array.Resize(ref _headRewards, most);
        }

        found.CopyTo(_head);
        _head[found.Length] = action;
        rewarded.CopyTo(_head.AsSpan(found.Length + 1));
        Span<int> all = _head.AsSpan(0, most);
        all.Sort();
        _headCount = 0;
        foreach (int item in all)
        {
            if (_headCount == 0 || _head[_headCount - 1] != item)
                _head[_headCount++] = item;
        }
    }

    /// <summary>f of an item of the head.</summary>
    public double Score(int item) => _headScores[_head.AsSpan(0, _headCount).BinarySearch(item)];

    /// <summary>Makes the sums.</summary>
    public void Run(float* h, RandomDraws random, IRewardSource? model, int context)
    {
        int outside = (int)items.Rows - _headCount;
        int drawn = Math.Min(outside, draws);
        for (int j = 0; j < drawn; j++)
            _tail[j] = Outside(drawn == outside ? j : random.Below((uint)j, outside));
        ReadOnlySpan<int> head = _head.AsSpan(0, _headCount), tail = _tail.AsSpan(0, drawn);
        Span<float> headScores = _headScores.AsSpan(0, _headCount), tailScores = _tailScores.AsSpan(0, drawn);
        RowScores.Gather(h, items, head, headScores);
        RowScores.Gather(h, items, tail, tailScores);
        double maximum = double.NegativeInfinity;
        foreach (float score in headScores)
            maximum = Math.Max(maximum, score);
        foreach (float score in tailScores)
            maximum = Math.Max(maximum, score);
        double weight = drawn == 0 ? 0 : (double)outside / drawn;
        double tailSum = Sum(tailScores, maximum, []);
        double z = Sum(headScores, maximum, []) + (weight * tailSum);
        LogZ = maximum + Math.Log(z);
        // A tail that holds everything outside the head is no sample.
        bool sampled = drawn < outside;
        LogError = sampled ? weight * Deviation(tailScores, maximum, [], 0, tailSum) / z : 0;
        (Mean, MeanError) = (0, 0);
        if (model is null)
            return;
        Span<float> headRewards = _headRewards.AsSpan(0, _headCount), tailRewards = _tailRewards.AsSpan(0, drawn);
        model.Fill(context, head, headRewards);
        model.Fill(context, tail, tailRewards);
        double tailReward = Sum(tailScores, maximum, tailRewards);
        Mean = (Sum(headScores, maximum, headRewards) + (weight * tailReward)) / z;
        if (sampled)
            MeanError = weight * Deviation(tailScores, maximum, tailRewards, Mean, tailReward - (Mean * tailSum)) / z;
    }

    /// <summary>The item of rank <paramref name="rank"/> among those outside the head: the rank, moved up by the head's items
    /// that lie below it.</summary>
    private int Outside(int rank)
    {
        int low = 0, high = _headCount;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            if (_head[middle] - middle <= rank)
                low = middle + 1;
            else
                high = middle;
        }

        return rank + low;
    }

    private static double Sum(ReadOnlySpan<float> scores, double maximum, ReadOnlySpan<float> rewards)
    {
        double sum = 0;
        for (int i = 0; i < scores.Length; i++)
            sum += Math.Exp(scores[i] - maximum) * (rewards.IsEmpty ? 1 : rewards[i]);
        return sum;
    }

    /// <summary>Standard deviation of the sum of the tail's draws of e^{f−m}(r − centre), r = 1 where there are no
    /// rewards: √(l·s²).</summary>
    private static double Deviation(
        ReadOnlySpan<float> scores, double maximum, ReadOnlySpan<float> rewards, double centre, double sum)
    {
        double mean = sum / scores.Length, squares = 0;
        for (int i = 0; i < scores.Length; i++)
        {
            double term = Math.Exp(scores[i] - maximum) * ((rewards.IsEmpty ? 1 : rewards[i]) - centre);
            squares += (term - mean) * (term - mean);
        }

        return Math.Sqrt(squares * scores.Length / (scores.Length - 1));
    }
}
