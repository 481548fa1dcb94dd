using System.Diagnostics;
using System.Net.Sockets;

namespace KernelPolicy.Distributed;

/// <summary>A shard on another machine, asked over one connection.</summary>
/// <remarks>
/// <para>Thread safety: any number of threads may start calls at once; their questions go out one behind the other, without waiting for
/// answers, and none waits for that past its deadline. A question that the network does not take within a millisecond ends the
/// connection; one of more than <see cref="MostQuestionBytes"/> is a mistake, so that an ordinary one is taken.</para>
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

    /// <summary>Most bytes in one question: 4 for each number of its context and for each item, and some 30 more.</summary>
    public const int MostQuestionBytes = ShardProtocol.MostQuestionBytes;

    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(1);

    private readonly string _host;
    private readonly int _port;
    private readonly ShardClientOptions _options;
    private readonly FrameWriter _frame = new();
    private readonly WaitingCalls _waiting;
    private readonly ManualResetEventSlim _stop = new();
    private readonly Thread _reader;
    private Socket? _connecting;
    private long _number;

    /// <summary>A client of a shard that is known already; it connects in the background.</summary>
    /// <param name="host">Name or address of its machine.</param>
    /// <param name="port">Its port.</param>
    /// <param name="place">Which shard it must be.</param>
    /// <param name="options">How; the defaults where null.</param>
    /// <exception cref="ArgumentException">The port, an option, or a number of the place is out of its range.</exception>
    public ShardClient(string host, int port, ShardPlace place, ShardClientOptions? options = null)
        : this(host, port, Checked(place), options, null)
    {
    }

    private ShardClient(string host, int port, ShardPlace place, ShardClientOptions? options, FrameSocket? socket)
    {
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

    /// <summary>Held while a question is sent.</summary>
    internal Lock Sending { get; } = new();

    private string Name => ShardConnecting.Name(_host, _port);

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
        catch (Exception e) when (e is IOException or InvalidDataException)
        {
            socket.Dispose();
            throw ShardConnecting.Named(ShardConnecting.Name(host, port), e);
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
        TimeSpan left = TimeSpan.FromSeconds(Math.Max(0, (question.Deadline - Stopwatch.GetTimestamp()) / (double)Stopwatch.Frequency));
        if (!Sending.TryEnter(left < LongestWait ? left : LongestWait))
        {
            question.FailAsTooLate();
            return;
        }

        Exception? refusal;
        ShardCall? unwanted = null;
        try
        {
            refusal = Send(question, out unwanted);
        }
        finally
        {
            Sending.Exit();
        }

        unwanted?.FailAsTooLate();
        if (refusal is not null)
            question.Fail(refusal);
    }

    /// <summary>Closes the connection; calls that wait fail. Calling it again does nothing.</summary>
    public void Dispose()
    {
        Stop();
        _reader.Join();
    }

    /// <summary>Has the client end, without waiting until it has.</summary>
    internal void Stop()
    {
        _stop.Set();
        _waiting.Close();
        Volatile.Read(ref _connecting)?.Dispose();
    }

    /// <summary>Writes a question and sends it.</summary>
    /// <returns>Why it is not sent: it is then the caller's to end.</returns>
    private Exception? Send(ShardCall question, out ShardCall? unwanted)
    {
        unwanted = null;
        long number = ++_number, now = Stopwatch.GetTimestamp();
        FrameSocket? socket;
        try
        {
            // Before anybody else may end the question, and use it for something else.
            ShardFrames.WriteQuestion(_frame, question, number, TimeSpan.FromSeconds((question.Deadline - now) / (double)Stopwatch.Frequency));
            socket = _waiting.TryAdd(question, number, now, out unwanted, out Exception? refusal);
            if (socket is null)
                return refusal;
        }
        catch (ArgumentException e)
        {
            return e;
        }

        try
        {
            socket.Send(_frame.Frame);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The thread that receives sees it, and fails the calls that wait, this one among them.
            socket.Dispose();
        }

        return null;
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
                failure = e as IOException ?? ShardConnecting.Named(Name, e);
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
        FrameSocket socket = ShardConnecting.Connect(_host, _port, _options.ConnectTimeout, BeginConnecting);
        try
        {
            ShardSet.CheckSame(Place, ShardConnecting.Greet(socket, _options.ConnectTimeout));
            return socket;
        }
        catch (IOException e)
        {
            socket.Dispose();
            throw ShardConnecting.Named(Name, e);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
        finally
        {
            Volatile.Write(ref _connecting, null);
        }
    }

    /// <summary>Lets <see cref="Stop"/> end the making of a connection; whichever of the two comes second does.</summary>
    private void BeginConnecting(Socket socket)
    {
        Interlocked.Exchange(ref _connecting, socket);
        if (_stop.IsSet)
            socket.Dispose();
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

    private static ShardPlace Checked(ShardPlace place)
    {
        ArgumentNullException.ThrowIfNull(place);
        return place.Fault() is { } fault ? throw new ArgumentException($"The place of the shard: {fault}", nameof(place)) : place;
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
