using System.Net;
using System.Net.Sockets;

namespace KernelPolicy.Distributed;

/// <summary>Serves one shard over TCP to any number of fronts.</summary>
/// <remarks>
/// <para>One thread accepts, one reads each connection; the shard's own threads answer. Answers go out as they are made, in any order. A question whose
/// deadline passes while it waits is not searched.</para>
/// <para>A connection that sends what is no question is told what was expected, and closed; so is one that does not take an
/// answer whole within <see cref="SendTimeout"/>. There is no encryption and nobody is asked who he is: for networks of your own.</para>
/// </remarks>
public sealed class ShardServer : IDisposable
{
    /// <summary>Most connections at once; those beyond are closed.</summary>
    public const int MostConnections = 256;

    /// <summary>How long an answer may take to be sent, and how long it may wait for those before it on its connection. A front that does not
    /// read so holds up a thread of the shard for up to twice as long, and is then closed.</summary>
    public static readonly TimeSpan SendTimeout = TimeSpan.FromMilliseconds(100);

    private readonly Socket _listener;
    private readonly Thread _acceptor;
    private readonly bool _ownsShard;
    private readonly HashSet<ShardServerConnection> _connections = [];
    private bool _isDisposed;

    /// <summary>Listens, and serves from now on.</summary>
    /// <param name="shard">What is served.</param>
    /// <param name="address">Where; port 0 for any that is free.</param>
    /// <param name="ownsShard">Whether the shard is disposed with the server.</param>
    /// <exception cref="IOException">The address cannot be listened at.</exception>
    public ShardServer(IShard shard, IPEndPoint address, bool ownsShard = true)
    {
        ArgumentNullException.ThrowIfNull(shard);
        ArgumentNullException.ThrowIfNull(address);
        (Shard, _ownsShard) = (shard, ownsShard);
        _listener = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            _listener.Bind(address);
            _listener.Listen(MostConnections);
        }
        catch (SocketException e)
        {
            _listener.Dispose();
            throw new IOException($"{address} cannot be listened at: {e.Message}", e);
        }

        Address = (IPEndPoint)_listener.LocalEndPoint!;
        _acceptor = new Thread(Accept) { Name = $"shard server {Address}", IsBackground = true };
        _acceptor.Start();
    }

    /// <summary>Where it listens.</summary>
    public IPEndPoint Address { get; }

    /// <summary>What it serves.</summary>
    public IShard Shard { get; }

    /// <summary>Fronts that are connected.</summary>
    public int ConnectionCount
    {
        get
        {
            lock (_connections)
                return _connections.Count;
        }
    }

    /// <summary>Why the last connection was closed that was closed for a fault, or was not taken on; null where none was.</summary>
    public Exception? LastFault { get; private set; }

    /// <summary>Closes all connections. Calling it again does nothing.</summary>
    public void Dispose()
    {
        ShardServerConnection[] open;
        lock (_connections)
        {
            if (_isDisposed)
                return;
            _isDisposed = true;
            open = [.. _connections];
        }

        _listener.Dispose();
        foreach (ShardServerConnection connection in open)
            connection.Dispose();
        _acceptor.Join();
        foreach (ShardServerConnection connection in open)
            connection.Join();
        if (_ownsShard)
            Shard.Dispose();
    }

    /// <summary>A connection has ended.</summary>
    internal void Ended(ShardServerConnection connection, Exception? fault)
    {
        lock (_connections)
            _connections.Remove(connection);
        if (fault is not null && !_isDisposed)
            LastFault = fault;
    }

    private void Accept()
    {
        while (!_isDisposed)
        {
            Socket socket;
            try
            {
                socket = _listener.Accept();
            }
            catch (SocketException) when (!_isDisposed)
            {
                // One that came and went; or there are no more handles, and some will be free.
                Thread.Sleep(1);
                continue;
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                return;
            }

            Serve(socket);
        }
    }

    /// <summary>Takes a connection on. Whatever goes wrong ends it, and not the process.</summary>
    internal void Serve(Socket socket)
    {
        ShardServerConnection? connection = null;
        try
        {
            lock (_connections)
            {
                if (!_isDisposed && _connections.Count < MostConnections)
                    _connections.Add(connection = new ShardServerConnection(this, socket));
            }

            connection?.Begin();
        }
        catch (Exception e)
        {
            if (connection is not null)
                Ended(connection, e);
            LastFault = e;
            connection = null;
        }

        if (connection is null)
            socket.Dispose();
    }
}
