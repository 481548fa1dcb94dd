namespace KernelPolicy.Policy;

/// <summary>What a <see cref="RecallMonitor"/> samples, how often it looks, and what it calls degraded.</summary>
/// <remarks>It can be set, so that a host's configuration can be bound to it; a monitor takes a copy.</remarks>
public sealed record RecallMonitorOptions
{
    /// <summary>Every how manieth request is sampled, at least 1.</summary>
    public int Every { get; set; } = 100;

    /// <summary>Sampled queries that wait for the audit, at most, for each recommender, 1 to 65,536; further ones are dropped.</summary>
    public int Capacity { get; set; } = 64;

    /// <summary>K: items that are compared for each query, at least 1; fewer where fewer are available.</summary>
    public int K { get; set; } = 10;

    /// <summary>The least recall that is healthy, 0 to 1.</summary>
    public double Bound { get; set; } = 0.95;

    /// <summary>The weight of one sample once there are 1 / Weight of them, above 0 and at most 1; before, all weigh the same. At
    /// 0.01 a change shows by two thirds after 100 samples.</summary>
    public double Weight { get; set; } = 0.01;

    /// <summary>Samples below which nothing is called degraded, at least 1.</summary>
    public long LeastSamples { get; set; } = 100;

    /// <summary>The least time between two audits in the background, above zero.</summary>
    public TimeSpan Interval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>The share of one processor that audits in the background may take, above 0 and at most 1: after one that took t
    /// the next waits at least t·(1 / share − 1). A query's exact scan reads all of β.</summary>
    public double LargestShare { get; set; } = 0.05;

    /// <summary>Looks at every option.</summary>
    /// <exception cref="ArgumentOutOfRangeException">One is out of its range; the message has name, value and range.</exception>
    public void Validate()
    {
        if (Every < 1)
            throw new ArgumentOutOfRangeException(nameof(Every), Every, "Every must be at least 1.");
        if (Capacity is < 1 or > 1 << 16)
            throw new ArgumentOutOfRangeException(nameof(Capacity), Capacity, $"Capacity must be 1 to {1 << 16}.");
        if (K < 1)
            throw new ArgumentOutOfRangeException(nameof(K), K, "K must be at least 1.");
        if (Bound is not (>= 0 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(Bound), Bound, "Bound must be 0 to 1.");
        if (Weight is not (> 0 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(Weight), Weight, "Weight must be above 0 and at most 1.");
        if (LeastSamples < 1)
            throw new ArgumentOutOfRangeException(nameof(LeastSamples), LeastSamples, "LeastSamples must be at least 1.");
        if (Interval <= TimeSpan.Zero || Interval > TimeSpan.FromDays(1))
            throw new ArgumentOutOfRangeException(nameof(Interval), Interval, "Interval must be above zero and at most a day.");
        if (LargestShare is not (> 0 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(LargestShare), LargestShare, "LargestShare must be above 0 and at most 1.");
    }
}
