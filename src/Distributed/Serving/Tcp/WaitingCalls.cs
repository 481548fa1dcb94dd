using System.Diagnostics;

namespace KernelPolicy.Distributed;

/// <summary>The calls that wait for answers on a connection, by their numbers, and the connection while there is one.</summary>
/// <remarks>Thread-safe; no call is ended under the lock.</remarks>
internal sealed class WaitingCalls(string name, TimeSpan silence)
{
    /// <summary>Most of them.</summary>
    public const int Most = 1024;

    private readonly Lock _state = new();
    private readonly ShardCall?[] _waiting = new ShardCall?[Most];
    private FrameSocket? _socket;
    private Exception? _failure;
    private int _count;
    private long _heard;
    private bool _isClosed;

    /// <summary>Whether there is a connection.</summary>
    public bool IsConnected
    {
        get
        {
            lock (_state)
                return _socket is not null;
        }
    }

    /// <summary>Why there was last none.</summary>
    public Exception? LastFailure
    {
        get
        {
            lock (_state)
                return _failure;
        }
    }

    /// <summary>There is a connection; closed at once where <see cref="Close"/> has come first.</summary>
    public void Connect(FrameSocket socket)
    {
        lock (_state)
        {
            _socket = socket;
            if (_isClosed)
                socket.Dispose();
        }
    }

    /// <summary>Closes the connection, and those that come.</summary>
    public void Close()
    {
        lock (_state)
        {
            _isClosed = true;
            _socket?.Dispose();
        }
    }

    /// <summary>Has a call wait, where there is a connection and room.</summary>
    /// <param name="call">The call.</param>
    /// <param name="number">Its number; each is given once, in order.</param>
    /// <param name="now">The time.</param>
    /// <param name="unwanted">A call whose place it takes, since nobody waits for it: to be ended by the caller.</param>
    /// <param name="refusal">Why it does not wait: the call is then the caller's to end.</param>
    /// <returns>Where to send it.</returns>
    public FrameSocket? TryAdd(ShardCall call, long number, long now, out ShardCall? unwanted, out Exception? refusal)
    {
        (unwanted, refusal) = (null, null);
        lock (_state)
        {
            ref ShardCall? slot = ref _waiting[number % Most];
            if (_socket is null)
                refusal = _failure ?? new IOException($"There is no connection to {name} yet.");
            else if (slot is { IsWanted: true })
                refusal = new IOException($"{name} is {Most} answers behind.");
            if (refusal is not null)
                return null;

            // It is waited for and silent. What is sent then fails, and with it all that wait.
            if (_count > 0 && now - _heard > silence.TotalSeconds * Stopwatch.Frequency)
                _socket!.Dispose();
            if (_count == 0)
                _heard = now;
            unwanted = slot;
            _count += slot is null ? 1 : 0;
            slot = call;
            call.Number = number;
            return _socket;
        }
    }

    /// <summary>The call that an answer is to, which waits no longer; null where there is none any more.</summary>
    public ShardCall? Take(long number)
    {
        lock (_state)
        {
            _heard = Stopwatch.GetTimestamp();
            ref ShardCall? slot = ref _waiting[(int)((ulong)number % Most)];
            if (slot is null || slot.Number != number)
                return null;
            ShardCall call = slot;
            slot = null;
            _count--;
            return call;
        }
    }

    /// <summary>The connection is lost: all calls that wait fail.</summary>
    public void Drop(Exception failure)
    {
        lock (_state)
            (_socket, _failure) = (null, failure);
        for (int i = 0; i < Most; i++)
        {
            ShardCall? call;
            lock (_state)
            {
                call = _waiting[i];
                _waiting[i] = null;
                _count -= call is null ? 0 : 1;
            }

            call?.Fail(failure);
        }
    }
}
