using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace KernelPolicy.Distributed;

/// <summary>Writes one frame after another into memory that grows as it must and is used again.</summary>
/// <remarks>Not thread-safe.</remarks>
internal sealed class FrameWriter
{
    private byte[] _bytes = new byte[4096];
    private int _length;

    /// <summary>The frame, its length in front.</summary>
    public ReadOnlySpan<byte> Frame => _bytes.AsSpan(0, _length);

    /// <summary>Begins a frame.</summary>
    public void Begin() => _length = sizeof(int);

    public void Add(int value) => BinaryPrimitives.WriteInt32LittleEndian(Next(sizeof(int)), value);

    public void Add(long value) => BinaryPrimitives.WriteInt64LittleEndian(Next(sizeof(long)), value);

    public void Add(ReadOnlySpan<byte> bytes) => bytes.CopyTo(Next(bytes.Length));

    // As they lie in memory: the library's files, too, are of machines that are little-endian.
    public void Add(ReadOnlySpan<int> values) => Add(MemoryMarshal.AsBytes(values));

    public void Add(ReadOnlySpan<float> values) => Add(MemoryMarshal.AsBytes(values));

    /// <summary>A length and a text; −1 for none.</summary>
    public void Add(string? text)
    {
        if (text is null)
        {
            Add(-1);
            return;
        }

        int bytes = Encoding.UTF8.GetByteCount(text);
        Add(bytes);
        Encoding.UTF8.GetBytes(text, Next(bytes));
    }

    /// <summary>Ends the frame.</summary>
    public void End() => BinaryPrimitives.WriteInt32LittleEndian(_bytes, _length - sizeof(int));

    private Span<byte> Next(int count)
    {
        if (_bytes.Length - _length < count)
            Array.Resize(ref _bytes, checked(Math.Max(2 * _bytes.Length, _length + count)));
        _length += count;
        return _bytes.AsSpan(_length - count, count);
    }
}
