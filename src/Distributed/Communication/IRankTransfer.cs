using System.Diagnostics;

namespace KernelPolicy.Distributed;

/// <summary>A transfer between ranks with buffers that are fixed, made as often as it is started.</summary>
/// <remarks>It moves while ranks ask for it: a rank that works beside a transfer calls <see cref="IsDone"/> now and then. Allocates
/// nothing after its preparation. Not thread-safe.</remarks>
public interface IRankTransfer : IDisposable
{
    /// <summary>What one transfer sends from this rank to others.</summary>
    RankTraffic Cost { get; }

    /// <summary>Begins. The source must not change, nor the destination be read, until it is done.</summary>
    /// <exception cref="InvalidOperationException">The one before is not done.</exception>
    void Start();

    /// <summary>Whether what was started is done, and there is nothing to wait for; lets it move on.</summary>
    bool IsDone();
}

/// <summary>How a rank waits.</summary>
public static class RankWaiting
{
    private const int Spins = 100;
    private const int LooksBetweenTimes = 64;
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(20);

    /// <summary>Waits until a transfer is done.</summary>
    /// <remarks>It spins for some microseconds, which a fast network takes, then leaves the processor to others between looks. A wait
    /// of more than 20 ms is for a rank that reads, measures or writes: it sleeps between looks.</remarks>
    public static void Wait(this IRankTransfer transfer)
    {
        ArgumentNullException.ThrowIfNull(transfer);
        for (int i = 0; i < Spins; i++)
        {
            if (transfer.IsDone())
                return;
            Thread.SpinWait(10);
        }

        long start = Stopwatch.GetTimestamp();
        bool isLong = false;
        for (int i = 1; !transfer.IsDone(); i++)
        {
            if (isLong)
                Thread.Sleep(1);
            else
                Thread.Yield();
            if (i % LooksBetweenTimes == 0)
                isLong = Stopwatch.GetElapsedTime(start) > Patience;
        }
    }

    /// <summary>Makes a transfer from beginning to end.</summary>
    public static void Run(this IRankTransfer transfer)
    {
        ArgumentNullException.ThrowIfNull(transfer);
        transfer.Start();
        transfer.Wait();
    }
}
