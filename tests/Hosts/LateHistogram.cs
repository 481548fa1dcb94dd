namespace KernelPolicy.Hosts;

/// <summary>How late frames were delivered, by the microsecond; what is later than the last counts as that.</summary>
internal sealed class LateHistogram
{
    private readonly long[] _counts = new long[10_000];
    private long _total;

    /// <summary>Counts a frame.</summary>
    public void Add(double microseconds)
    {
        _counts[(int)Math.Min(microseconds, _counts.Length - 1)]++;
        _total++;
    }

    /// <summary>Microseconds that a share of the frames was not later than.</summary>
    public double Quantile(double share)
    {
        long below = 0;
        for (int i = 0; i < _counts.Length; i++)
        {
            below += _counts[i];
            if (below >= share * _total)
                return i;
        }

        return 0;
    }
}
