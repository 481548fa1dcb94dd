using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace KernelPolicy.Distributed;

/// <summary>Reads what is in a frame, and says where it is not what was expected.</summary>
/// <param name="body">The frame without its length.</param>
/// <param name="what">What it is, for messages.</param>
internal ref struct FrameReader(ReadOnlySpan<byte> body, string what)
{
    private readonly ReadOnlySpan<byte> _body = body;
    private int _at;

    /// <exception cref="InvalidDataException">The frame is too short.</exception>
    public ReadOnlySpan<byte> Bytes(int count, string expected)
    {
        if (count < 0 || count > _body.Length - _at)
            throw Fault($"{expected} in {count} bytes expected, found {_body.Length - _at}");
        _at += count;
        return _body.Slice(_at - count, count);
    }

    public int Int32(string expected) => BinaryPrimitives.ReadInt32LittleEndian(Bytes(sizeof(int), expected));

    public long Int64(string expected) => BinaryPrimitives.ReadInt64LittleEndian(Bytes(sizeof(long), expected));

    /// <summary>A number of things, within limits.</summary>
    public int Count(int least, int most, string expected)
    {
        int count = Int32(expected);
        return count >= least && count <= most ? count : throw Fault($"{expected} of {least} to {most} expected, found {count}");
    }

    public void Read(Span<int> values, string expected) => Bytes(values.Length * sizeof(int), expected).CopyTo(MemoryMarshal.AsBytes(values));

    public void Read(Span<float> values, string expected) => Bytes(values.Length * sizeof(float), expected).CopyTo(MemoryMarshal.AsBytes(values));

    /// <summary>A text behind its length, or null: where there is none, and where it has more than so many bytes.</summary>
    public string? Text(string expected, int most = int.MaxValue)
    {
        int length = Int32(expected);
        if (length == -1)
            return null;
        ReadOnlySpan<byte> bytes = Bytes(length, expected);
        return length > most ? null : Encoding.UTF8.GetString(bytes);
    }

    /// <summary>Throws where something is left over.</summary>
    public readonly void End()
    {
        if (_at != _body.Length)
            throw Fault($"the end expected, found {_body.Length - _at} bytes more");
    }

    public readonly InvalidDataException Fault(string expected) => new($"A bad frame, at byte {_at} of {what}: {expected}.");
}
