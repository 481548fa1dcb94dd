using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;

namespace KernelPolicy.Distributed;

/// <summary>Ranks that are threads of this process: to try what is spread, and to test it, where there is no MPI.</summary>
/// <remarks>Same calls, same results, bit for bit, as ranks of their own would have.</remarks>
public sealed class LocalRanks : IDisposable
{
    /// <summary>The most ranks.</summary>
    public const int MostRanks = 256;

    private readonly Barrier _barrier;
    private readonly ConcurrentDictionary<int, LocalTransfer[]> _transfers = new();
    private byte[] _broadcast = [];
    private volatile bool _hasFailed;

    private LocalRanks(int size)
    {
        Size = size;
        _barrier = new Barrier(size);
    }

    /// <summary>n.</summary>
    internal int Size { get; }

    /// <summary>A rank alone: what it exchanges, it exchanges with itself.</summary>
    public static ICommunicator Solo() => new LocalCommunicator(new LocalRanks(1), 0, ownsRanks: true);

    /// <summary>Lets <paramref name="size"/> ranks do the same work, each on a thread of its own, and returns when all have.</summary>
    /// <param name="size">n, 1 to <see cref="MostRanks"/>.</param>
    /// <param name="work">What each does with its own communicator.</param>
    /// <exception cref="ArgumentOutOfRangeException">n is out of range.</exception>
    /// <exception cref="Exception">What the first rank that failed has thrown; the others were stopped where they next waited.</exception>
    public static void Run(int size, Action<ICommunicator> work)
    {
        ArgumentNullException.ThrowIfNull(work);
        if (size is < 1 or > MostRanks)
            throw new ArgumentOutOfRangeException(nameof(size), size, $"The number of ranks must lie in 1 to {MostRanks}.");
        using LocalRanks ranks = new(size);
        ExceptionDispatchInfo? first = null;
        Thread[] threads = [.. Enumerable.Range(0, size).Select(rank => new Thread(() => Guarded(rank)) { Name = $"rank {rank}" })];
        foreach (Thread thread in threads)
            thread.Start();
        foreach (Thread thread in threads)
            thread.Join();
        first?.Throw();

        void Guarded(int rank)
        {
            try
            {
                using LocalCommunicator communicator = new(ranks, rank);
                work(communicator);
            }
            catch (Exception e)
            {
                Interlocked.CompareExchange(ref first, ExceptionDispatchInfo.Capture(e), null);
                ranks.Fail();
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _barrier.Dispose();

    /// <summary>Tells all ranks that wait that one will not come.</summary>
    internal void Fail()
    {
        _hasFailed = true;
        _barrier.RemoveParticipant();
    }

    /// <summary>Throws where a rank has failed.</summary>
    internal void ThrowIfFailed()
    {
        if (_hasFailed)
            throw new RankFailedException("Another rank has failed.");
    }

    /// <summary>The transfers of all ranks that were prepared as the n-th of each.</summary>
    internal LocalTransfer[] Peers(int number) => _transfers.GetOrAdd(number, _ => new LocalTransfer[Size]);

    /// <summary>Waits for all.</summary>
    internal void Meet()
    {
        ThrowIfFailed();
        _barrier.SignalAndWait();
        ThrowIfFailed();
    }

    /// <summary>Hands values on.</summary>
    internal void Broadcast(Span<byte> values, bool isRoot)
    {
        if (isRoot)
            _broadcast = values.ToArray();
        Meet();
        if (_broadcast.Length != values.Length)
            throw new ArgumentException($"The root sends {_broadcast.Length} bytes, this rank expects {values.Length}.", nameof(values));
        if (!isRoot)
            _broadcast.CopyTo(values);
        Meet();
    }
}
