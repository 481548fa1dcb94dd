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
            lock (_frame)
            {
                ShardFrames.WriteAnswer(_frame, call);
                _socket.Send(_frame.Frame);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The front is gone, or does not read: its thread here ends too.
            _socket.Dispose();
        }

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
        _server.Ended(this, fault);
    }

    private void Greet()
    {
        // Whoever connects and says nothing would hold a thread for ever.
        _socket.ReceiveTimeout = GreetingTimeout;
        if (!_socket.TryReceive(ShardProtocol.ClientHelloBytes, out ReadOnlySpan<byte> hello))
            throw new InvalidDataException("The client's greeting expected, found the end of the connection.");
        ShardProtocol.ReadClientHello(hello);
        _socket.ReceiveTimeout = 0;
        lock (_frame)
        {
            ShardProtocol.WriteServerHello(_frame, _server.Shard.Place);
            _socket.Send(_frame.Frame);
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
            lock (_frame)
            {
                ShardFrames.WriteRefusal(_frame, 0, AnswerStatus.BadFrame, fault.Message);
                _socket.Send(_frame.Frame);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Whoever sends what is no question need not listen either.
        }
    }

    private static long DeadlineOf(int microseconds) =>
        Stopwatch.GetTimestamp() + (long)(microseconds * (Stopwatch.Frequency / 1e6));
}
