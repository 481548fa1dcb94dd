using System.Collections.Concurrent;
using System.Diagnostics;

namespace KernelPolicy.Distributed;

/// <summary>The calls of one round of a request, and who waits for them: one round at a time, one after another.</summary>
/// <remarks>A call that has not ended by the deadline stays with its shard and comes back to the store of calls at its end: it can
/// change nothing here, and another takes its place.</remarks>
internal sealed class ShardGather(int shards, ConcurrentQueue<ShardCall> store, int dimension) : IShardCaller
{
    private readonly ShardCall?[] _calls = new ShardCall?[shards];
    private readonly bool[] _asked = new bool[shards];
    private int _waiting;

    /// <summary>Where each shard's merge stands.</summary>
    public int[] Heads { get; } = new int[shards];

    /// <summary>x [L].</summary>
    public float[] Context { get; } = new float[dimension];

    /// <summary>Shards that were asked and have not answered by the deadline, of the last round.</summary>
    public ulong Missing { get; private set; }

    /// <summary>Begins a round.</summary>
    public void Begin() => Array.Clear(_asked);

    /// <summary>The call to a shard in this round, made where there is none yet.</summary>
    public ShardCall Ask(int shard, ShardOperation operation, int n, long deadline)
    {
        ShardCall call = _calls[shard] ??= store.TryDequeue(out ShardCall? stored) ? stored : new ShardCall(dimension);
        if (!_asked[shard])
        {
            call.Begin(this, operation, n, deadline);
            _asked[shard] = true;
        }

        return call;
    }

    /// <summary>Lets go of what the last round asked about, once its answers have been read.</summary>
    public void Release()
    {
        foreach (ShardCall? call in _calls)
            call?.SetIds([]);
    }

    /// <summary>Whether a shard is asked in this round.</summary>
    public bool IsAsked(int shard) => _asked[shard];

    /// <summary>The answer of a shard, where it has given one in time.</summary>
    public ShardCall? Answer(int shard) => _asked[shard] && _calls[shard] is { Failure: null } call ? call : null;

    /// <summary>Why a shard has not answered; null where it has, or has not been asked.</summary>
    public Exception? Failure(int shard) => _asked[shard] && _calls[shard] is { } call ? call.Failure : null;

    /// <summary>Asks, and waits until all have answered or the deadline has passed.</summary>
    public void Run(IReadOnlyList<IShard> all, long deadline)
    {
        Missing = 0;
        _waiting = 0;
        for (int shard = 0; shard < shards; shard++)
            _waiting += _asked[shard] ? 1 : 0;
        for (int shard = 0; shard < shards; shard++)
        {
            if (_asked[shard])
                all[shard].Start(_calls[shard]!);
        }

        Wait(deadline);
        for (int shard = 0; shard < shards; shard++)
        {
            if (_asked[shard] && _calls[shard] is not { Failure: null })
                Missing |= 1UL << shard;
        }
    }

    /// <inheritdoc/>
    public void Ended(ShardCall call)
    {
        lock (_calls)
        {
            if (!call.IsAbandoned)
            {
                call.HasEnded = true;
                if (--_waiting == 0)
                    Monitor.Pulse(_calls);
                return;
            }
        }

        call.SetIds([]);
        store.Enqueue(call);
    }

    private void Wait(long deadline)
    {
        lock (_calls)
        {
            while (_waiting > 0)
            {
                long left = deadline - Stopwatch.GetTimestamp();
                if (left <= 0)
                    break;

                // Rounded up: a wait of 0 ms would not wait.
                Monitor.Wait(_calls, (int)Math.Min(int.MaxValue, (left * 1000 / Stopwatch.Frequency) + 1));
            }

            for (int shard = 0; shard < shards; shard++)
            {
                if (!_asked[shard] || _calls[shard]!.HasEnded)
                    continue;
                _calls[shard]!.IsAbandoned = true;
                _calls[shard] = null;
            }

            _waiting = 0;
        }
    }
}
