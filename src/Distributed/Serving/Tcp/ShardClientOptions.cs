namespace KernelPolicy.Distributed;

/// <summary>How a client keeps its connection.</summary>
public sealed record ShardClientOptions
{
    /// <summary>How long a connection may take to be made; more than 0.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>The wait before the first attempt to connect again; doubled with each that fails.</summary>
    public TimeSpan FirstBackoff { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>The longest such wait.</summary>
    public TimeSpan LongestBackoff { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>A connection on which questions wait and nothing has come for so long is given up, and made anew: a machine that was switched off
    /// says nothing.</summary>
    public TimeSpan SilenceTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Throws where they make no sense.</summary>
    /// <exception cref="ArgumentOutOfRangeException">They do not.</exception>
    internal void Validate()
    {
        TimeSpan[] times = [ConnectTimeout, FirstBackoff, LongestBackoff, SilenceTimeout];
        if (times.Any(time => time <= TimeSpan.Zero || time > TimeSpan.FromDays(1)))
            throw new ArgumentOutOfRangeException("options", "Times must be more than 0, up to a day.");
    }
}
