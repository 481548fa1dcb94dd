namespace KernelPolicy.Distributed;

/// <summary>What a network does to a message: the time of a <see cref="RankReduction"/> on it.</summary>
/// <remarks>
/// <para>A reduction takes rounds · latency + messages · overhead + bytes / rate, of the rank that sends the most
/// (<see cref="RankReduction.LargestCost"/>). Links carry both ways at once, and a switch holds nobody up: what comes in is as much as what
/// goes out, and takes no time of its own.</para>
/// <para>A message that is announced before it is sent, as MPI does from some size on, waits for the answer: its round lasts three latencies
/// instead of one.</para>
/// <para>Not in it: losses, other traffic, and the start of a connection. Thread-safe.</para>
/// </remarks>
public sealed record LinkModel
{
    /// <summary>Open MPI's btl_tcp_eager_limit, of which its header takes some bytes.</summary>
    public const long OpenMpiTcpHandshake = 65_536;

    /// <summary>Describes a network.</summary>
    /// <param name="latencySeconds">From one rank to another, one way, of a message of no length; half the way there and back.</param>
    /// <param name="bytesPerSecond">What a rank can send, and at the same time receive.</param>
    /// <param name="secondsPerMessage">What a rank spends on a message, sent and received.</param>
    /// <exception cref="ArgumentOutOfRangeException">One is below zero or no number, or the rate is 0.</exception>
    public LinkModel(double latencySeconds, double bytesPerSecond, double secondsPerMessage)
    {
        Check(latencySeconds, latencySeconds >= 0, nameof(latencySeconds));
        Check(bytesPerSecond, bytesPerSecond > 0, nameof(bytesPerSecond));
        Check(secondsPerMessage, secondsPerMessage >= 0, nameof(secondsPerMessage));
        (LatencySeconds, BytesPerSecond, SecondsPerMessage) = (latencySeconds, bytesPerSecond, secondsPerMessage);
    }

    /// <summary>One way.</summary>
    public double LatencySeconds { get; }

    /// <summary>Each way.</summary>
    public double BytesPerSecond { get; }

    /// <summary>Sent and received.</summary>
    public double SecondsPerMessage { get; }

    /// <summary>Bytes from which on a message is announced first; by default none is. Open MPI on TCP: <see cref="OpenMpiTcpHandshake"/>.</summary>
    public long HandshakeBytes { get; init; } = long.MaxValue;

    /// <summary>Seconds of one reduction; 0 for a rank alone.</summary>
    /// <param name="ranks">n.</param>
    /// <param name="rows">Rows of the table.</param>
    /// <param name="width">Numbers of a row.</param>
    public double ReductionSeconds(int ranks, int rows, int width)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(ranks, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(rows, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        RankTraffic cost = RankReduction.LargestCost(ranks, rows, width);
        int latenciesOfARound = RankReduction.LargestMessage(ranks, rows, width) >= HandshakeBytes ? 3 : 1;
        return (RankReduction.Rounds(ranks, rows, width) * latenciesOfARound * LatencySeconds) + (cost.Messages * SecondsPerMessage) + (cost.Bytes / BytesPerSecond);
    }

    private static void Check(double value, bool isInRange, string name)
    {
        if (!isInRange || !double.IsFinite(value))
            throw new ArgumentOutOfRangeException(name, value, "Latency and overhead must be at least 0, the rate above it, all finite.");
    }
}
