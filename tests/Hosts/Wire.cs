using System.Diagnostics;
using System.Globalization;

namespace KernelPolicy.Hosts;

/// <summary>A switch and its cables: it holds each frame for a delay and lets no host send or receive faster than a rate.</summary>
/// <remarks>
/// <para>A frame of b bits that a host sends at t has left it at s = max(t, s') + b/rate, s' of the frame before; it is at its
/// destination at max(s + delay, r' + b/rate), r' of the frame before that came in there. Both ways of a cable work at once.</para>
/// <para>A frame goes to the host whose number, from 1, is the last byte of its address; what is for all is dropped: hosts are told
/// each other's addresses, and need not ask.</para>
/// <para>The thread asks to run before all others, since the ranks that it serves take all processors that they are given.</para>
/// </remarks>
internal sealed unsafe class Wire : IDisposable
{
    private const int Longest = 2048;
    private const int Destination = 5;

    // Preamble, checksum and gap, which a cable carries beside each frame.
    private const int Around = 8 + 4 + 12;

    // Frames taken from one host before another has its turn.
    private const int Turn = 32;

    // Above that of ranks that are given one too, to measure on a machine where others work.
    private const int Priority = 50;

    // The thread wakes up at times anyway, to see whether it is to end.
    private const double LongestSleep = 0.05;

    private readonly Port[] _ports;
    private readonly long _delay;
    private readonly double _ticksOfAByte;
    private readonly LateHistogram _late = new();
    private long _frames;
    private long _bytes;
    private long _dropped;

    /// <summary>Plugs hosts in.</summary>
    /// <param name="namespaces">Their network namespaces.</param>
    /// <param name="delay">Seconds that a frame takes one way.</param>
    /// <param name="rate">Bits a second.</param>
    public Wire(string[] namespaces, double delay, double rate)
    {
        _delay = (long)(delay * Stopwatch.Frequency);
        _ticksOfAByte = 8 / rate * Stopwatch.Frequency;
        _ports = [.. namespaces.Select(name => new Port(name))];
    }

    /// <summary>Carries frames until told to end. On the thread that made the wire.</summary>
    public void Run(CancellationToken end)
    {
        int priority = Priority;
        if (LinuxCalls.SetScheduler(0, LinuxCalls.FirstInFirstOut, &priority) != 0)
            Console.Error.WriteLine("The wire does not run before all others: its delays are longer where processors are busy.");
        _ = LinuxCalls.ProcessControl(LinuxCalls.TimerSlack, 1, 0, 0, 0);
        LinuxCalls.PollFile* files = stackalloc LinuxCalls.PollFile[_ports.Length];
        for (int i = 0; i < _ports.Length; i++)
            files[i] = new LinuxCalls.PollFile { File = _ports[i].File, Wanted = LinuxCalls.Readable };
        byte* frame = stackalloc byte[Longest];
        while (!end.IsCancellationRequested)
        {
            double seconds = Math.Clamp((NextDue() - Stopwatch.GetTimestamp()) / (double)Stopwatch.Frequency, 0, LongestSleep);
            LinuxCalls.TimeSpec longest = new() { Nanoseconds = (nint)(seconds * 1e9) };
            if (LinuxCalls.Poll(files, (nuint)_ports.Length, &longest, null) > 0)
            {
                for (int i = 0; i < _ports.Length; i++)
                {
                    if (files[i].Found != 0)
                        Collect(_ports[i], frame);
                }
            }

            foreach (Port port in _ports)
                Deliver(port);
        }
    }

    /// <summary>What it did.</summary>
    public string Report() => string.Create(
        CultureInfo.InvariantCulture,
        $"frames {_frames} bytes {_bytes} dropped {_dropped} late-us-p50 {_late.Quantile(0.5):0} late-us-p99 {_late.Quantile(0.99):0}");

    public void Dispose()
    {
        foreach (Port port in _ports)
            port.Dispose();
    }

    private long NextDue()
    {
        long next = long.MaxValue;
        foreach (Port port in _ports)
        {
            if (port.Waiting > 0)
                next = Math.Min(next, port.FirstDue);
        }

        return next;
    }

    private void Collect(Port from, byte* frame)
    {
        for (int i = 0; i < Turn && from.Take(frame) is > 0 and int length; i++)
        {
            int to = frame[Destination] - 1;
            if (length <= Destination || (frame[0] & 1) != 0 || (uint)to >= (uint)_ports.Length)
                continue;
            long ticks = (long)((length + Around) * _ticksOfAByte);
            from.SentAt = Math.Max(Stopwatch.GetTimestamp(), from.SentAt) + ticks;
            Port port = _ports[to];
            port.ReceivedAt = Math.Max(from.SentAt + _delay, port.ReceivedAt + ticks);
            if (port.Send(frame, length, port.ReceivedAt))
                (_frames, _bytes) = (_frames + 1, _bytes + length);
            else
                _dropped++;
        }
    }

    private void Deliver(Port port)
    {
        for (int i = 0; i < Turn && port.Waiting > 0; i++)
        {
            long late = Stopwatch.GetTimestamp() - port.FirstDue;
            if (late < 0)
                return;
            _late.Add(late * 1e6 / Stopwatch.Frequency);
            port.Deliver();
        }
    }
}
