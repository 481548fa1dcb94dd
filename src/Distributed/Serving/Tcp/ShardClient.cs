using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;

namespace KernelPolicy.Distributed;

/// <summary>A shard on another machine, asked over one connection.</summary>
/// <remarks>
/// <para>Thread safety: any number of threads may start calls at once; their questions go out one behind the other, without waiting for
/// answers. A question that the network does not take within a millisecond ends the connection.</para>
/// <para>A connection that is lost fails the calls that wait, and is made anew in the background; until then calls fail at once. A server
/// that holds another shard, or one of another set, is refused: <see cref="LastFailure"/> says so.</para>
/// <para>Allocates nothing once warm, but where ids are asked for.</para>
/// </remarks>
public sealed class ShardClient : IShard
{
    /// <summary>Most questions that wait for answers; those beyond fail at once, unless they take the place of one that nobody waits
    /// for.</summary>
    public const int MostWaiting = WaitingCalls.Most;

    /// <summary>Most items in one question: of a history, left out, or asked for.</summary>
    public const int MostListed = ShardProtocol.MostListed;

    private readonly string _host;
    private readonly int _port;
    private readonly ShardClientOptions _options;
    private readonly FrameWriter _frame = new();
    private readonly Lock _sending = new();
    private readonly WaitingCalls _waiting;
    private readonly ManualResetEventSlim _stop = new();
    private readonly Thread _reader;
    private long _number;

    /// <summary>A client of a shard that is known already; it connects in the background.</summary>
    /// <param name="host">Name or address of its machine.</param>
    /// <param name="port">Its port.</param>
    /// <param name="place">Which shard it must be.</param>
    /// <param name="options">How; the defaults where null.</param>
    /// <exception cref="ArgumentException">The port or an option is out of its range.</exception>
    public ShardClient(string host, int port, ShardPlace place, ShardClientOptions? options = null)
        : this(host, port, place, options, null)
    {
    }

    private ShardClient(string host, int port, ShardPlace place, ShardClientOptions? options, FrameSocket? socket)
    {
        ArgumentNullException.ThrowIfNull(place);
        (_host, _port, Place, _options) = (host, port, place, Checked(host, port, options));
        _waiting = new WaitingCalls(Name, _options.SilenceTimeout);
        _reader = new Thread(() => Run(socket)) { Name = $"shard client {Name}", IsBackground = true };
        _reader.Start();
    }

    /// <inheritdoc/>
    public ShardPlace Place { get; }

    /// <summary>Whether there is a connection.</summary>
    public bool IsConnected => _waiting.IsConnected;

    /// <summary>Why there was last no connection; null where there has always been one.</summary>
    public Exception? LastFailure => _waiting.LastFailure;

    private string Name => string.Create(CultureInfo.InvariantCulture, $"{_host}:{_port}");

    /// <summary>Connects to a shard and asks which it is.</summary>
    /// <param name="host">Name or address of its machine.</param>
    /// <param name="port">Its port.</param>
    /// <param name="options">How; the defaults where null.</param>
    /// <exception cref="ArgumentException">The port or an option is out of its range.</exception>
    /// <exception cref="IOException">It cannot be reached.</exception>
    /// <exception cref="InvalidDataException">What answers is no shard server of this version.</exception>
    public static ShardClient Connect(string host, int port, ShardClientOptions? options = null)
    {
        options = Checked(host, port, options);
        FrameSocket socket = ShardConnecting.Connect(host, port, options.ConnectTimeout);
        try
        {
            return new ShardClient(host, port, ShardConnecting.Greet(socket, options.ConnectTimeout), options, socket);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Connects to all shards of a set, given in their order. Those that cannot be reached are taken for what the others say that they are,
    /// and connected to in the background: a front starts while a shard is down.</summary>
    /// <param name="addresses">A host and port for each shard, as in shards-0.example:7000.</param>
    /// <param name="options">How; the defaults where null.</param>
    /// <exception cref="ArgumentException">An address is none.</exception>
    /// <exception cref="IOException">None can be reached.</exception>
    /// <exception cref="InvalidDataException">They are not the shards of one set, in their order.</exception>
    public static IReadOnlyList<ShardClient> ConnectAll(IReadOnlyList<string> addresses, ShardClientOptions? options = null) =>
        ShardConnecting.ConnectAll(addresses, options);

    /// <inheritdoc/>
    public void Start(ShardCall question)
    {
        ArgumentNullException.ThrowIfNull(question);
        Exception? refusal = null;
        ShardCall? unwanted = null;
        FrameSocket? socket = null;
        lock (_sending)
        {
            long number = ++_number, now = Stopwatch.GetTimestamp();
            try
            {
                // Before anybody else may end the question, and use it for something else.
                ShardFrames.WriteQuestion(_frame, question, number, TimeSpan.FromSeconds((question.Deadline - now) / (double)Stopwatch.Frequency));
                socket = _waiting.TryAdd(question, number, now, out unwanted, out refusal);
            }
            catch (ArgumentException e)
            {
                refusal = e;
            }

            try
            {
                socket?.Send(_frame.Frame);
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                // The thread that receives sees it, and fails the calls that wait, this one among them.
                socket!.Dispose();
            }
        }

        unwanted?.FailAsTooLate();
        if (refusal is not null)
            question.Fail(refusal);
    }

    /// <summary>Closes the connection; calls that wait fail. Calling it again does nothing.</summary>
    public void Dispose()
    {
        _stop.Set();
        _waiting.Close();
        _reader.Join();
    }

    private void Run(FrameSocket? connected)
    {
        TimeSpan backoff = _options.FirstBackoff;
        while (!_stop.IsSet)
        {
            Exception failure;
            try
            {
                FrameSocket socket = connected ?? ConnectAgain();
                connected = null;
                using (socket)
                {
                    _waiting.Connect(socket);
                    backoff = _options.FirstBackoff;
                    while (socket.TryReceive(ShardProtocol.MostBytes, out ReadOnlySpan<byte> body))
                        Take(body);
                    failure = new IOException($"{Name} has closed the connection.");
                }
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                failure = new IOException($"The connection to {Name} is lost: {e.Message}", e);
            }
            catch (Exception e)
            {
                // Whatever it is, it ends this connection and not the process.
                failure = e is InvalidDataException
                    ? new InvalidDataException($"{Name}: {e.Message}", e)
                    : e as IOException ?? new IOException($"{Name}: {e.Message}", e);
            }

            _waiting.Drop(failure);
            _stop.Wait(backoff);
            backoff = backoff * 2 < _options.LongestBackoff ? backoff * 2 : _options.LongestBackoff;
        }

        connected?.Dispose();
        _waiting.Drop(new ObjectDisposedException(nameof(ShardClient)));
    }

    private FrameSocket ConnectAgain()
    {
        FrameSocket socket = ShardConnecting.Connect(_host, _port, _options.ConnectTimeout);
        try
        {
            ShardSet.CheckSame(Place, ShardConnecting.Greet(socket, _options.ConnectTimeout));
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Gives an answer to the call that waits for it; one that nobody waits for is dropped.</summary>
    private void Take(ReadOnlySpan<byte> body)
    {
        long number = ShardFrames.ReadNumber(body);
        ShardCall? call = _waiting.Take(number);
        if (call is null)
        {
            ShardFrames.CheckUnasked(body);
            return;
        }

        Exception? refusal;
        int found;
        try
        {
            (found, refusal) = ShardFrames.ReadAnswer(body, Place, call);
        }
        catch (InvalidDataException e)
        {
            call.Fail(e);
            throw;
        }

        if (refusal is null)
            call.Complete(found);
        else
            call.Fail(refusal);
    }

    private static ShardClientOptions Checked(string host, int port, ShardClientOptions? options)
    {
        ArgumentException.ThrowIfNullOrEmpty(host);
        options ??= new ShardClientOptions();
        if (port is < 1 or > 65_535)
            throw new ArgumentOutOfRangeException(nameof(port), port, "The port must be 1 to 65535.");
        options.Validate();
        return options;
    }
}
