using System.Globalization;
using System.Net.Sockets;
using System.Runtime.ExceptionServices;

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
        if (parts.Length is 0 or > ShardPlace.MostShards)
            throw new ArgumentException($"There are {parts.Length} addresses; a set has 1 to {ShardPlace.MostShards} shards.", nameof(addresses));
        ShardClient?[] clients = new ShardClient?[parts.Length];
        Exception?[] failures = new Exception?[parts.Length];
        try
        {
            // Threads of their own: a pool that begins with as many as there are processors would have them wait for one another.
            Thread[] threads = [.. parts.Select((_, i) => new Thread(() => Try(i)) { Name = $"connecting to {addresses[i]}", IsBackground = true })];
            foreach (Thread thread in threads)
                thread.Start();
            foreach (Thread thread in threads)
                thread.Join();
            if (failures.FirstOrDefault(failure => failure is not (null or IOException)) is { } fault)
                ExceptionDispatchInfo.Throw(fault);
            ShardPlace any = clients.FirstOrDefault(client => client is not null)?.Place ?? throw NoneOf(failures);
            ShardSet.Check([.. clients.Select((client, i) => client?.Place ?? any.Other(i))], addresses);
            for (int i = 0; i < parts.Length; i++)
                clients[i] ??= new ShardClient(parts[i].Host, parts[i].Port, any.Other(i), options);
            return clients!;
        }
        catch
        {
            foreach (ShardClient? client in clients)
                client?.Stop();
            foreach (ShardClient? client in clients)
                client?.Dispose();
            throw;
        }

        void Try(int i)
        {
            try
            {
                clients[i] = ShardClient.Connect(parts[i].Host, parts[i].Port, options);
            }
            catch (Exception e)
            {
                // For the thread that asked.
                failures[i] = e;
            }
        }
    }

    private static IOException NoneOf(Exception?[] failures) =>
        new(string.Join(Environment.NewLine, failures.Select(failure => failure!.Message)), failures[0]);

    /// <summary>A fault of a connection with the name of who is at its other end.</summary>
    public static Exception Named(string name, Exception fault) => fault is InvalidDataException
        ? new InvalidDataException($"{name}: {fault.Message}", fault)
        : new IOException($"{name}: {fault.Message}", fault);

    /// <summary>A machine and its port, as messages name them.</summary>
    public static string Name(string host, int port) =>
        (host.Contains(':', StringComparison.Ordinal) ? $"[{host}]:" : $"{host}:") + port.ToString(CultureInfo.InvariantCulture);

    /// <summary>Connects.</summary>
    /// <param name="host">Name or address of the machine.</param>
    /// <param name="port">Its port.</param>
    /// <param name="timeout">How long it may take.</param>
    /// <param name="begin">Given the socket before it connects; null for nobody.</param>
    /// <exception cref="IOException">It takes too long or cannot be done.</exception>
    public static FrameSocket Connect(string host, int port, TimeSpan timeout, Action<Socket>? begin = null)
    {
        Socket socket = new(SocketType.Stream, ProtocolType.Tcp);
        begin?.Invoke(socket);
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
            throw new IOException($"{Name(host, port)} cannot be reached: {why}", e);
        }
    }

    /// <summary>Greets a server, and is told which shard it holds.</summary>
    /// <exception cref="IOException">It does not answer.</exception>
    /// <exception cref="InvalidDataException">It is no shard server, or refuses: the message is then its reason.</exception>
    public static ShardPlace Greet(FrameSocket socket, TimeSpan timeout)
    {
        try
        {
            FrameWriter frame = new();
            ShardProtocol.WriteClientHello(frame);
            socket.ReceiveTimeout = (int)Math.Ceiling(timeout.TotalMilliseconds);
            socket.Send(frame.Frame);
            if (!socket.TryReceive(ShardProtocol.MostRefusalBytes, out ReadOnlySpan<byte> body))
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
            && (address[0] == '[' ? address[colon - 1] == ']' : address.IndexOf(':', StringComparison.Ordinal) == colon)
            ? (address[..colon].Trim('[', ']'), port)
            : throw new ArgumentException($"'{address}' is no address; it must be a host and a port, such as 10.0.0.5:7000 or [::1]:7000.");
    }
}
