using System.IO.Compression;

namespace KernelPolicy.Data;

/// <summary>Makes sure that a gzipped file is whole before its rows are believed.</summary>
/// <remarks>
/// Neither .NET nor DuckDB minds a gzip file that ends early, as a broken download does: what was lost would go missing
/// unseen. Here one more member, which unpacks to a mark, is put behind the file while it is unpacked: the mark comes out
/// at the end only where the file before it was complete, of however many members. Costs one pass of unpacking.
/// </remarks>
internal static class GzipCheck
{
    private const int BufferLength = 1 << 18;

    private static readonly byte[] Mark = "KernelPolicy: the file was whole"u8.ToArray();

    /// <summary>Unpacks the file and forgets it.</summary>
    /// <exception cref="InvalidDataException">It is damaged or ends early.</exception>
    public static void Run(string file, CancellationToken cancellationToken)
    {
        using FileStream stream = new(file, FileMode.Open, FileAccess.Read, FileShare.Read, BufferLength);
        using GZipStream unpacked = new(new Appended(stream, PackedMark()), CompressionMode.Decompress);
        byte[] buffer = new byte[BufferLength];
        byte[] tail = new byte[Mark.Length];
        try
        {
            int read;
            while ((read = unpacked.Read(buffer)) > 0)
            {
                cancellationToken.ThrowIfCancellationRequested();
                int kept = Math.Min(read, tail.Length);
                tail.AsSpan(kept).CopyTo(tail);
                buffer.AsSpan(read - kept, kept).CopyTo(tail.AsSpan(tail.Length - kept));
            }
        }
        catch (InvalidDataException e)
        {
            throw new InvalidDataException($"{file}: damaged gzip or one that ends early: {e.Message}", e);
        }

        if (!tail.AsSpan().SequenceEqual(Mark))
            throw new InvalidDataException($"{file}: the gzip ends early; the file is not whole.");
    }

    private static byte[] PackedMark()
    {
        using MemoryStream packed = new();
        using (GZipStream gzip = new(packed, CompressionLevel.Fastest))
            gzip.Write(Mark);
        return packed.ToArray();
    }

    /// <summary>A stream with some bytes behind it.</summary>
    private sealed class Appended(Stream first, byte[] last) : Stream
    {
        private int _given;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override int Read(Span<byte> buffer)
        {
            int read = first.Read(buffer);
            if (read > 0)
                return read;
            int count = Math.Min(buffer.Length, last.Length - _given);
            last.AsSpan(_given, count).CopyTo(buffer);
            _given += count;
            return count;
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
