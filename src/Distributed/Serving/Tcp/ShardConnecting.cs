using System.Net.Sockets;

namespace KernelPolicy.Distributed;

/// <summary>Makes connections to shard servers.</summary>
internal static class ShardConnecting
{
    /// <summary>Milliseconds that the network may take for a question before the connection is given up.</summary>
    private const int SendTimeout = 1;

    /// <inheritdoc cref="ShardClient.ConnectAll"/>
    public static IReadOnlyList<ShardClient> ConnectAll(IReadOnlyList<string> addresses, ShardClientOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(addresses);
        (string Host, int Port)[] parts = [.. addresses.Select(Parts)];
        ShardClient?[] clients = new ShardClient?[parts.Length];
        Exception? failure = null;
        try
        {
            for (int i = 0; i < parts.Length; i++)
            {
                try
                {
                    clients[i] = ShardClient.Connect(parts[i].Host, parts[i].Port, options);
                }
                catch (IOException e)
                {
                    failure = e;
                }
            }

            ShardPlace any = clients.FirstOrDefault(client => client is not null)?.Place
                ?? throw failure ?? new ArgumentException("There are no addresses.", nameof(addresses));
            ShardSet.Check([.. clients.Select((client, i) => client?.Place ?? any.Other(i))]);
            for (int i = 0; i < parts.Length; i++)
                clients[i] ??= new ShardClient(parts[i].Host, parts[i].Port, any.Other(i), options);
            return clients!;
        }
        catch
        {
            foreach (ShardClient? client in clients)
                client?.Dispose();
            throw;
        }
    }

    /// <summary>Connects.</summary>
    /// <exception cref="IOException">It takes too long or cannot be done.</exception>
    public static FrameSocket Connect(string host, int port, TimeSpan timeout)
    {
        Socket socket = new(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            // Not ConnectAsync: a socket that has been used so waits by way of another thread from then on.
            using (new Timer(static late => ((Socket)late!).Dispose(), socket, timeout, Timeout.InfiniteTimeSpan))
                socket.Connect(host, port);
            return new FrameSocket(socket, SendTimeout);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            socket.Dispose();
            string why = e is SocketException { SocketErrorCode: not SocketError.OperationAborted }
                ? e.Message : $"it takes longer than {timeout.TotalMilliseconds} ms.";
            throw new IOException($"{host}:{port} cannot be reached: {why}", e);
        }
    }

    /// <summary>Greets a server, and is told which shard it holds.</summary>
    /// <exception cref="IOException">It does not answer.</exception>
    /// <exception cref="InvalidDataException">It is no shard server.</exception>
    public static ShardPlace Greet(FrameSocket socket, TimeSpan timeout)
    {
        try
        {
            FrameWriter frame = new();
            ShardProtocol.WriteClientHello(frame);
            socket.ReceiveTimeout = (int)Math.Ceiling(timeout.TotalMilliseconds);
            socket.Send(frame.Frame);
            if (!socket.TryReceive(ShardProtocol.ServerHelloBytes, out ReadOnlySpan<byte> body))
                throw new IOException("The server has closed the connection before it greeted.");
            ShardPlace place = ShardProtocol.ReadServerHello(body);
            socket.ReceiveTimeout = 0;
            return place;
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            throw new IOException($"The server does not greet: {e.Message}", e);
        }
    }

    private static (string Host, int Port) Parts(string address)
    {
        int colon = address.LastIndexOf(':');
        return colon > 0 && int.TryParse(address.AsSpan(colon + 1), out int port) && port is > 0 and <= 65_535
            ? (address[..colon].Trim('[', ']'), port)
            : throw new ArgumentException($"'{address}' is no address; it must be a host and a port, such as 10.0.0.5:7000.");
    }
}
