using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Sockets;

namespace KernelPolicy.Distributed;

/// <summary>A front at a shard server.</summary>
internal sealed class ShardServerConnection : IShardCaller, IDisposable
{
    private const int GreetingTimeout = 5000;

    private readonly ShardServer _server;
    private readonly FrameSocket _socket;
    private readonly Thread _reader;
    private readonly ConcurrentQueue<ShardCall> _calls = new();
    private readonly FrameWriter _frame = new();
    private readonly Func<int, long> _deadlineOf = DeadlineOf;
    private volatile IOException? _tooSlow;

    public ShardServerConnection(ShardServer server, Socket socket)
    {
        _server = server;
        _socket = new FrameSocket(socket, (int)ShardServer.SendTimeout.TotalMilliseconds);
        _reader = new Thread(Read) { Name = $"shard connection {socket.RemoteEndPoint}", IsBackground = true };
    }

    public void Begin() => _reader.Start();

    public void Join()
    {
        if ((_reader.ThreadState & System.Threading.ThreadState.Unstarted) == 0)
            _reader.Join();
    }

    public void Dispose() => _socket.Dispose();

    /// <inheritdoc/>
    public void Ended(ShardCall call)
    {
        try
        {
            Send(call, static (frame, answered) => ShardFrames.WriteAnswer(frame, answered));
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The front is gone, or does not read: its thread here ends too, which cannot tell why by itself.
            if (e is SocketException { SocketErrorCode: SocketError.TimedOut })
                _tooSlow ??= new IOException($"The front has not taken an answer within {ShardServer.SendTimeout.TotalMilliseconds} ms.", e);
            _socket.Dispose();
        }

        // Ids may be many, and a call is kept for long.
        call.SetIds([]);
        _calls.Enqueue(call);
    }

    private void Read()
    {
        Exception? fault = null;
        try
        {
            Greet();
            while (_socket.TryReceive(ShardProtocol.MostBytes, out ReadOnlySpan<byte> body))
                Ask(body);
        }
        catch (InvalidDataException e)
        {
            fault = e;
            Refuse(e);
        }
        catch (Exception e)
        {
            // Whatever it is, it ends this connection and not the process.
            fault = e;
        }

        _socket.Dispose();
        _server.Ended(this, _tooSlow ?? fault);
    }

    private void Greet()
    {
        // Whoever connects and says nothing would hold a thread for ever.
        _socket.ReceiveTimeout = GreetingTimeout;
        if (!_socket.TryReceive(ShardProtocol.ClientHelloBytes, out ReadOnlySpan<byte> hello))
            throw new InvalidDataException("The client's greeting expected, found the end of the connection.");
        ShardProtocol.ReadClientHello(hello);
        _socket.ReceiveTimeout = 0;
        Send(_server.Shard.Place, ShardProtocol.WriteServerHello);
    }

    /// <summary>Sends a frame in its turn: where those before it do not get through in time, the connection is at its end.</summary>
    /// <exception cref="SocketException">The front is gone, or does not read.</exception>
    /// <exception cref="ObjectDisposedException">The connection is closed.</exception>
    private void Send<T>(T what, Action<FrameWriter, T> write)
    {
        if (!Monitor.TryEnter(_frame, ShardServer.SendTimeout))
            throw new SocketException((int)SocketError.TimedOut);
        try
        {
            write(_frame, what);
            _socket.Send(_frame.Frame);
        }
        finally
        {
            Monitor.Exit(_frame);
        }
    }

    private void Ask(ReadOnlySpan<byte> body)
    {
        ShardCall call = _calls.TryDequeue(out ShardCall? used) ? used : new ShardCall(_server.Shard.Place.Dimension);
        ShardFrames.ReadQuestion(body, _server.Shard.Place, call, this, _deadlineOf);
        _server.Shard.Start(call);
    }

    private void Refuse(InvalidDataException fault)
    {
        try
        {
            Send(fault.Message, static (frame, message) => ShardFrames.WriteRefusal(frame, 0, AnswerStatus.BadFrame, message));
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Whoever sends what is no question need not listen either.
        }
    }

    private static long DeadlineOf(int microseconds) =>
        Stopwatch.GetTimestamp() + (long)(microseconds * (Stopwatch.Frequency / 1e6));
}
