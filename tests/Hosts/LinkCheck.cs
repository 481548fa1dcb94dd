using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace KernelPolicy.Hosts;

/// <summary>What a link between two hosts really does, by TCP: the way there and back of a byte, and the rate of a bulk transfer.</summary>
internal static class LinkCheck
{
    private const int Asked = 500;
    private const int WarmUp = 50;
    private const int Block = 1 << 16;
    private const int Blocks = 4000;

    /// <summary>The one end.</summary>
    public static void Answer(IPEndPoint address)
    {
        using Socket listener = new(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(address);
        listener.Listen();
        using Socket socket = listener.Accept();
        socket.NoDelay = true;
        byte[] buffer = new byte[Block];
        for (int i = 0; i < WarmUp + Asked; i++)
        {
            Receive(socket, buffer.AsSpan(0, 1));
            socket.Send(buffer.AsSpan(0, 1));
        }

        for (int i = 0; i < Blocks; i++)
            Receive(socket, buffer);
        socket.Send(buffer.AsSpan(0, 1));
    }

    /// <summary>The other end: what it found.</summary>
    public static string Ask(IPEndPoint address)
    {
        using Socket socket = Connect(address);
        socket.NoDelay = true;
        byte[] buffer = new byte[Block];
        double[] times = new double[Asked];
        for (int i = -WarmUp; i < Asked; i++)
        {
            long start = Stopwatch.GetTimestamp();
            socket.Send(buffer.AsSpan(0, 1));
            Receive(socket, buffer.AsSpan(0, 1));
            if (i >= 0)
                times[i] = Stopwatch.GetElapsedTime(start).TotalMicroseconds;
        }

        Array.Sort(times);
        long begun = Stopwatch.GetTimestamp();
        for (int i = 0; i < Blocks; i++)
            socket.Send(buffer);
        Receive(socket, buffer.AsSpan(0, 1));
        double mbit = 8e-6 * Block * Blocks / Stopwatch.GetElapsedTime(begun).TotalSeconds;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"rtt-us-p50 {times[Asked / 2]:0} rtt-us-p99 {times[Asked * 99 / 100]:0} bulk-mbit {mbit:0}");
    }

    // The other end may still be on its way to listen.
    private static Socket Connect(IPEndPoint address)
    {
        for (long begun = Stopwatch.GetTimestamp(); ; Thread.Sleep(20))
        {
            Socket socket = new(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                socket.Connect(address);
                return socket;
            }
            catch (SocketException) when (Stopwatch.GetElapsedTime(begun).TotalSeconds < 10)
            {
                socket.Dispose();
            }
        }
    }

    private static void Receive(Socket socket, Span<byte> buffer)
    {
        while (buffer.Length > 0)
        {
            int count = socket.Receive(buffer);
            if (count == 0)
                throw new IOException("The other end has gone.");
            buffer = buffer[count..];
        }
    }
}
