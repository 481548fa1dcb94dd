using System.Runtime.InteropServices;
using System.Text;

namespace KernelPolicy.Hosts;

/// <summary>Where a host is plugged in: its interface eth0, a tap device, and the frames that are on their way to it.</summary>
/// <remarks>The interface has no offloads: frames are those of a wire, at most 1514 bytes, and its counters count each of them. It goes
/// when the port is closed.</remarks>
internal sealed unsafe class Port : IDisposable
{
    /// <summary>Longest frame: 14 bytes of Ethernet before 1500, and room to spare.</summary>
    private const int Slot = 2048;

    /// <summary>Frames that may be on their way to a host: 12 MB, more than TCP has under way.</summary>
    private const int Slots = 8192;

    private readonly byte* _frames = (byte*)NativeMemory.AllocZeroed((nuint)Slots * Slot);
    private readonly int[] _lengths = new int[Slots];
    private readonly long[] _due = new long[Slots];
    private readonly int _file;
    private int _first;

    /// <summary>Makes the interface.</summary>
    /// <param name="networkNamespace">As ip netns names it. The calling thread is in it afterwards.</param>
    public Port(string networkNamespace)
    {
        int place = LinuxCalls.Checked(LinuxCalls.Open($"/var/run/netns/{networkNamespace}", 0), $"Network namespace {networkNamespace}");
        LinuxCalls.Checked(LinuxCalls.SetNamespace(place, LinuxCalls.NetworkNamespace), $"Entering {networkNamespace}");
        _ = LinuxCalls.Close(place);
        _file = LinuxCalls.Checked(LinuxCalls.Open("/dev/net/tun", LinuxCalls.ReadWrite | LinuxCalls.NonBlocking), "/dev/net/tun");
        byte* request = stackalloc byte[40];
        new Span<byte>(request, 40).Clear();
        Encoding.ASCII.GetBytes("eth0", new Span<byte>(request, 16));
        *(short*)(request + 16) = LinuxCalls.TapFrames;
        LinuxCalls.Checked(LinuxCalls.Control(_file, LinuxCalls.SetInterface, request), $"Interface of {networkNamespace}");
    }

    /// <summary>The open device.</summary>
    public int File => _file;

    /// <summary>When what the host has sent so far has left it.</summary>
    public long SentAt { get; set; }

    /// <summary>When what was sent to the host so far has come in.</summary>
    public long ReceivedAt { get; set; }

    /// <summary>Frames on their way to the host.</summary>
    public int Waiting { get; private set; }

    /// <summary>When the first of them is due.</summary>
    public long FirstDue => _due[_first];

    /// <summary>Takes a frame that the host sends; 0 where there is none.</summary>
    public int Take(byte* frame) => (int)Math.Max(0, LinuxCalls.Read(_file, frame, Slot));

    /// <summary>Puts a frame on its way to the host; false where there are too many.</summary>
    public bool Send(byte* frame, int length, long due)
    {
        if (Waiting == Slots)
            return false;
        int slot = (_first + Waiting++) % Slots;
        Buffer.MemoryCopy(frame, _frames + ((long)slot * Slot), Slot, length);
        (_lengths[slot], _due[slot]) = (length, due);
        return true;
    }

    /// <summary>Hands the first frame to the host.</summary>
    public void Deliver()
    {
        _ = LinuxCalls.Write(_file, _frames + ((long)_first * Slot), _lengths[_first]);
        _first = (_first + 1) % Slots;
        Waiting--;
    }

    public void Dispose()
    {
        _ = LinuxCalls.Close(_file);
        NativeMemory.Free(_frames);
    }
}
