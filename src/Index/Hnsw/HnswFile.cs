using System.IO.Hashing;
using System.Runtime.InteropServices;
using KernelPolicy.Kernels;
using Microsoft.Win32.SafeHandles;

namespace KernelPolicy.Index;

/// <summary>Writes and reads index files; <see cref="HnswFileHeader"/> says what they hold.</summary>
/// <remarks>
/// A file arrives whole or not at all: it is written beside its place, flushed and renamed. A reader trusts nothing: the
/// file's length must follow from its header before memory is taken, checksums find damage, and
/// <see cref="HnswFileCheck"/> what a forger could write under right checksums.
/// </remarks>
internal static unsafe class HnswFile
{
    private const int LargestTransfer = 1 << 24;

    public static InvalidDataException Invalid(string file, long offset, string problem) =>
        new($"{file}, offset {offset}: {problem}.");

    public static void Write(string path, HnswGraph graph, HnswOptions options, HnswReport report, Matrix items)
    {
        RequireLittleEndian();
        string beside = $"{path}.{Guid.NewGuid():N}.tmp";
        try
        {
            using (SafeFileHandle file = File.OpenHandle(beside, FileMode.CreateNew, FileAccess.Write))
            {
                BodyWriter body = new(file);
                body.Append(graph.Levels);
                body.Append(MemoryMarshal.AsBytes(graph.Starts));
                if (graph.Duplicates.Count > 0)
                    body.Append(MemoryMarshal.AsBytes(graph.Duplicates.NextItems));
                body.Append((byte*)graph.Ground.Row(0), graph.Ground.ByteLength);
                body.Append((byte*)graph.Upper.Row(0), graph.Upper.ByteLength);
                HnswFileHeader header = new()
                {
                    Items = graph.Items,
                    Columns = items.Columns,
                    Options = options,
                    Entry = graph.Entry,
                    Starts = graph.Starts.Length,
                    UpperRows = graph.Upper.Rows,
                    Duplicates = graph.Duplicates.Count,
                    Unreachable = report.Unreachable,
                    Repaired = report.Repaired,
                    MeanLinks = report.MeanLinks,
                    NormVariation = report.NormVariation,
                    ItemsChecksum = Checksum(items),
                    BodyChecksum = body.Checksum,
                };
                Span<byte> bytes = stackalloc byte[HnswFileHeader.Bytes];
                header.Write(bytes);
                RandomAccess.Write(file, bytes, 0);
                RandomAccess.FlushToDisk(file);
            }

            File.Move(beside, path, overwrite: true);
        }
        catch
        {
            File.Delete(beside);
            throw;
        }
    }

    public static (HnswGraph Graph, HnswOptions Options, HnswReport Report) Read(string path, Matrix items)
    {
        RequireLittleEndian();
        using SafeFileHandle file = File.OpenHandle(path);
        long length = RandomAccess.GetLength(file);
        Span<byte> bytes = stackalloc byte[HnswFileHeader.Bytes];
        if (length < bytes.Length || RandomAccess.Read(file, bytes, 0) < bytes.Length)
            throw Invalid(path, length, $"a header of {bytes.Length} bytes was expected, the file ends");
        HnswFileHeader header = HnswFileHeader.Read(bytes, items.Rows, items.Columns, path);
        if (length != header.FileBytes())
            throw Invalid(path, length, $"the end was expected at {header.FileBytes()}, the file has {length} bytes");
        ulong checksum = Checksum(items);
        if (checksum != header.ItemsChecksum)
            throw Invalid(path, 104, $"the index is over items of checksum {header.ItemsChecksum:x16}, those given have {checksum:x16}");

        BodyReader body = new(file, path);
        byte[] levels = new byte[header.Items];
        body.Read(levels);
        HnswFileCheck check = new(path, header, levels);
        check.Levels();
        int[] starts = new int[header.Starts];
        body.Read(MemoryMarshal.AsBytes(starts.AsSpan()));
        int[] next = new int[header.Duplicates > 0 ? header.Items : 0];
        body.Read(MemoryMarshal.AsBytes(next.AsSpan()));
        check.Duplicates(next, items);
        check.Starts(starts);
        HnswGraph graph = new(header.Options.M, levels) { Entry = header.Entry, Starts = starts };
        try
        {
            if (header.Duplicates > 0)
                graph.Duplicates = new DuplicateChains(next, header.Duplicates);
            body.Read((byte*)graph.Ground.Row(0), graph.Ground.ByteLength);
            body.Read((byte*)graph.Upper.Row(0), graph.Upper.ByteLength);
            if (body.Checksum != header.BodyChecksum)
                throw Invalid(path, 112, $"body checksum {body.Checksum:x16} was expected, found {header.BodyChecksum:x16}");
            check.Links(graph);
            HnswReport report = new(
                graph.Items, header.Duplicates, header.Unreachable, header.Repaired, graph.TopLayer + 1, header.MeanLinks,
                header.NormVariation, 0);
            return (graph, header.Options, report);
        }
        catch
        {
            graph.Release();
            throw;
        }
    }

    /// <summary>Checksum of the items' values, without the padding of their rows.</summary>
    private static ulong Checksum(Matrix items)
    {
        XxHash3 hash = new();
        for (long row = 0; row < items.Rows; row++)
            hash.Append(MemoryMarshal.AsBytes(items.Row(row)));
        return hash.GetCurrentHashAsUInt64();
    }

    private static void RequireLittleEndian()
    {
        if (!BitConverter.IsLittleEndian)
            throw new PlatformNotSupportedException("Index files are read and written on little-endian processors.");
    }

    private sealed class BodyWriter(SafeFileHandle file)
    {
        private readonly XxHash3 _hash = new();
        private long _offset = HnswFileHeader.Bytes;

        public ulong Checksum => _hash.GetCurrentHashAsUInt64();

        public void Append(ReadOnlySpan<byte> section)
        {
            fixed (byte* start = section)
                Append(start, section.Length);
        }

        public void Append(byte* section, long length)
        {
            for (long done = 0; done < length;)
            {
                ReadOnlySpan<byte> part = new(section + done, (int)Math.Min(length - done, LargestTransfer));
                Put(part);
                done += part.Length;
            }

            Put(stackalloc byte[(int)(HnswFileHeader.Padded(length) - length)]);
        }

        private void Put(ReadOnlySpan<byte> bytes)
        {
            RandomAccess.Write(file, bytes, _offset);
            _hash.Append(bytes);
            _offset += bytes.Length;
        }
    }

    private sealed class BodyReader(SafeFileHandle file, string path)
    {
        private readonly XxHash3 _hash = new();
        private long _offset = HnswFileHeader.Bytes;

        public ulong Checksum => _hash.GetCurrentHashAsUInt64();

        public void Read(Span<byte> section)
        {
            fixed (byte* start = section)
                Read(start, section.Length);
        }

        public void Read(byte* section, long length)
        {
            for (long done = 0; done < length;)
            {
                Span<byte> part = new(section + done, (int)Math.Min(length - done, LargestTransfer));
                Get(part);
                done += part.Length;
            }

            Get(stackalloc byte[(int)(HnswFileHeader.Padded(length) - length)]);
        }

        private void Get(Span<byte> bytes)
        {
            for (int done = 0; done < bytes.Length;)
            {
                int read = RandomAccess.Read(file, bytes[done..], _offset);
                if (read == 0)
                    throw Invalid(path, _offset, $"{bytes.Length - done} more bytes were expected, the file ends");
                _hash.Append(bytes.Slice(done, read));
                done += read;
                _offset += read;
            }
        }
    }
}
