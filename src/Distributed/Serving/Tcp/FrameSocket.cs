using System.Buffers.Binary;
using System.Diagnostics;
using System.Net.Sockets;

namespace KernelPolicy.Distributed;

/// <summary>A connection that carries frames.</summary>
/// <remarks>One thread receives; those that send take turns by themselves. Closing it, from any thread, ends both.</remarks>
internal sealed class FrameSocket : IDisposable
{
    private const int BufferBytes = 1 << 20;
    private const int PieceBytes = ShardProtocol.MostQuestionBytes;

    private readonly Socket _socket;
    private readonly int _sendTimeout;
    private byte[] _bytes = new byte[1 << 16];
    private int _start;
    private int _end;
    private int _isClosed;

    /// <param name="socket">Connected, and without asynchronous operations so far: those would turn each wait into two.</param>
    /// <param name="sendTimeout">Milliseconds that a frame may take to be sent, before the peer is given up.</param>
    public FrameSocket(Socket socket, int sendTimeout)
    {
        (_socket, _sendTimeout) = (socket, sendTimeout);
        socket.NoDelay = true;
        socket.SendTimeout = sendTimeout;
        socket.SendBufferSize = BufferBytes;
        socket.ReceiveBufferSize = BufferBytes;
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
    }

    /// <summary>Milliseconds after which a silent peer is given up; 0 for never.</summary>
    public int ReceiveTimeout
    {
        set => _socket.ReceiveTimeout = value;
    }

    /// <summary>Sends a frame whole.</summary>
    /// <exception cref="SocketException">The peer is gone, or has not taken it whole in time: what comes next would not be understood, and
    /// the connection must be closed.</exception>
    /// <exception cref="ObjectDisposedException">It is closed.</exception>
    public void Send(ReadOnlySpan<byte> frame)
    {
        // In pieces: within one, a peer that takes a little now and then begins the time anew each time.
        long start = Stopwatch.GetTimestamp();
        for (int sent = 0; sent < frame.Length;)
        {
            if (sent > 0 && Stopwatch.GetElapsedTime(start).TotalMilliseconds > _sendTimeout)
                throw new SocketException((int)SocketError.TimedOut);
            sent += _socket.Send(frame.Slice(sent, Math.Min(PieceBytes, frame.Length - sent)));
        }
    }

    /// <summary>Receives the next frame, without its length; valid until the next call.</summary>
    /// <param name="most">The most bytes that it may have.</param>
    /// <param name="body">The frame.</param>
    /// <returns>Whether there is one: not where the peer has ended the connection between frames.</returns>
    /// <exception cref="InvalidDataException">Its length is out of range, or the connection ends within it.</exception>
    /// <exception cref="SocketException">The connection is lost.</exception>
    /// <exception cref="ObjectDisposedException">It is closed.</exception>
    public bool TryReceive(int most, out ReadOnlySpan<byte> body)
    {
        body = default;
        if (!TryFill(sizeof(int), isBetweenFrames: true))
            return false;
        int length = BinaryPrimitives.ReadInt32LittleEndian(_bytes.AsSpan(_start));
        if (length < 1 || length > most)
            throw new InvalidDataException($"A bad frame: a length of 1 to {most} bytes expected, found {length}.");
        TryFill(sizeof(int) + length, isBetweenFrames: false);
        body = _bytes.AsSpan(_start + sizeof(int), length);
        _start += sizeof(int) + length;
        return true;
    }

    /// <summary>Ends the connection. Calling it again does nothing.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isClosed, 1) != 0)
            return;
        try
        {
            // Wakes the thread that receives.
            _socket.Shutdown(SocketShutdown.Both);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The peer was first, or whoever gave up the connecting.
        }

        _socket.Dispose();
    }

    private bool TryFill(int wanted, bool isBetweenFrames)
    {
        if (_start == _end)
            (_start, _end) = (0, 0);
        while (_end - _start < wanted)
        {
            if (_end == _bytes.Length)
                MakeRoom(wanted);
            int received = _socket.Receive(_bytes.AsSpan(_end));
            if (received == 0)
            {
                return isBetweenFrames && _end == _start
                    ? false
                    : throw new InvalidDataException($"A bad frame: {wanted} bytes expected, found the end of the connection after {_end - _start}.");
            }

            _end += received;
        }

        return true;
    }

    /// <summary>Moves what there is to the front, into more memory where it was all needed: never into as much as a length claims that
    /// nothing has come for.</summary>
    private void MakeRoom(int wanted)
    {
        byte[] into = _start > 0 ? _bytes : new byte[Math.Min(2 * _bytes.Length, Math.Max(_bytes.Length + 1, wanted))];
        Buffer.BlockCopy(_bytes, _start, into, 0, _end - _start);
        (_bytes, _start, _end) = (into, 0, _end - _start);
    }
}
