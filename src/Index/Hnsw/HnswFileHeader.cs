using System.Buffers.Binary;
using System.IO.Hashing;

namespace KernelPolicy.Index;

/// <summary>
/// The first 256 bytes of an index file, little-endian; the body follows in sections padded to 64 bytes: levels [P],
/// starts, duplicate chains [P] where there are any, links of layer 0 [P rows], links of the layers above.
/// </summary>
/// <remarks>Everything that decides the file's length stands here, so a reader knows the length before it allocates.</remarks>
internal readonly record struct HnswFileHeader
{
    public const int Bytes = 256;
    public const uint Version = 1;

    private const int ChecksumAt = Bytes - sizeof(ulong);

    // The line ending shows a transfer in text mode, as in PNG.
    private static ReadOnlySpan<byte> Magic => "KPHNSW\r\n"u8;

    public required long Items { get; init; }

    public required int Columns { get; init; }

    public required HnswOptions Options { get; init; }

    public required int Entry { get; init; }

    public required int Starts { get; init; }

    public required long UpperRows { get; init; }

    public required int Duplicates { get; init; }

    public required int Unreachable { get; init; }

    public required int Repaired { get; init; }

    public required double MeanLinks { get; init; }

    public required double NormVariation { get; init; }

    public required ulong ItemsChecksum { get; init; }

    public required ulong BodyChecksum { get; init; }

    public static int Padded(int bytes) => (bytes + 63) & ~63;

    public static long Padded(long bytes) => (bytes + 63) & ~63L;

    /// <summary>Bytes of a file with this header. The fields are within their ranges.</summary>
    public long FileBytes()
    {
        long rowBytes = Padded(2L * Options.M * sizeof(int));
        long upperRowBytes = Padded((long)Options.M * sizeof(int));
        return Bytes + Padded(Items) + Padded(4L * Starts) + (Duplicates > 0 ? Padded(4 * Items) : 0)
            + (Items * rowBytes) + (UpperRows * upperRowBytes);
    }

    public void Write(Span<byte> to)
    {
        to.Clear();
        Magic.CopyTo(to);
        BinaryPrimitives.WriteUInt32LittleEndian(to[8..], Version);
        BinaryPrimitives.WriteInt32LittleEndian(to[12..], Bytes);
        BinaryPrimitives.WriteInt64LittleEndian(to[16..], Items);
        BinaryPrimitives.WriteInt32LittleEndian(to[24..], Columns);
        BinaryPrimitives.WriteInt32LittleEndian(to[28..], (int)Options.Metric);
        BinaryPrimitives.WriteInt32LittleEndian(to[32..], Options.M);
        BinaryPrimitives.WriteInt32LittleEndian(to[36..], Options.EfConstruction);
        BinaryPrimitives.WriteInt32LittleEndian(to[40..], Options.EfSearch);
        BinaryPrimitives.WriteInt32LittleEndian(to[44..], Options.LongestAsStarts);
        BinaryPrimitives.WriteUInt64LittleEndian(to[48..], Options.Seed);
        BinaryPrimitives.WriteInt32LittleEndian(to[56..], Entry);
        BinaryPrimitives.WriteInt32LittleEndian(to[60..], Starts);
        BinaryPrimitives.WriteInt64LittleEndian(to[64..], UpperRows);
        BinaryPrimitives.WriteInt32LittleEndian(to[72..], Duplicates);
        BinaryPrimitives.WriteInt32LittleEndian(to[76..], Unreachable);
        BinaryPrimitives.WriteInt32LittleEndian(to[80..], Repaired);
        BinaryPrimitives.WriteDoubleLittleEndian(to[88..], MeanLinks);
        BinaryPrimitives.WriteDoubleLittleEndian(to[96..], NormVariation);
        BinaryPrimitives.WriteUInt64LittleEndian(to[104..], ItemsChecksum);
        BinaryPrimitives.WriteUInt64LittleEndian(to[112..], BodyChecksum);
        BinaryPrimitives.WriteUInt64LittleEndian(to[ChecksumAt..], XxHash3.HashToUInt64(to[..ChecksumAt]));
    }

    /// <summary>Reads a header for a catalogue of <paramref name="items"/> × <paramref name="columns"/>.</summary>
    /// <exception cref="InvalidDataException">It is not one, or not for that catalogue.</exception>
    public static HnswFileHeader Read(ReadOnlySpan<byte> from, long items, int columns, string file)
    {
        if (!from[..8].SequenceEqual(Magic))
            throw HnswFile.Invalid(file, 0, $"the mark 'KPHNSW\\r\\n' was expected, found {Convert.ToHexString(from[..8])}");
        uint version = BinaryPrimitives.ReadUInt32LittleEndian(from[8..]);
        if (version != Version)
            throw HnswFile.Invalid(file, 8, $"format version {Version} was expected, found {version}; "
                + (version > Version ? "a newer release wrote it" : "no release wrote it"));
        ulong checksum = BinaryPrimitives.ReadUInt64LittleEndian(from[ChecksumAt..]);
        ulong computed = XxHash3.HashToUInt64(from[..ChecksumAt]);
        if (checksum != computed)
            throw HnswFile.Invalid(file, ChecksumAt, $"header checksum {computed:x16} was expected, found {checksum:x16}");
        Expect(from, 12, "header bytes", Bytes, Bytes, file);
        long rows = BinaryPrimitives.ReadInt64LittleEndian(from[16..]);
        if (rows != items)
            throw HnswFile.Invalid(file, 16, $"the index is over {rows} items, {items} were given");
        Expect(from, 24, "columns of the items", columns, columns, file);
        int count = (int)items;
        long upperRows = BinaryPrimitives.ReadInt64LittleEndian(from[64..]);
        if (upperRows < 0 || upperRows > (long)count * HnswGraph.HighestLayer)
            throw HnswFile.Invalid(file, 64, $"rows above layer 0 were expected to be 0 to {(long)count * HnswGraph.HighestLayer}, found {upperRows}");
        return new HnswFileHeader
        {
            Items = rows,
            Columns = columns,
            Options = new HnswOptions
            {
                Metric = (HnswMetric)Expect(from, 28, "the metric", 0, (int)HnswMetric.Euclidean, file),
                M = Expect(from, 32, "M", 2, HnswOptions.LargestM, file),
                EfConstruction = Expect(from, 36, "efConstruction", 1, HnswOptions.LargestEf, file),
                EfSearch = Expect(from, 40, "efSearch", 1, HnswOptions.LargestEf, file),
                LongestAsStarts = Expect(from, 44, "longest items as starts", 0, HnswOptions.LargestStarts, file),
                Seed = BinaryPrimitives.ReadUInt64LittleEndian(from[48..]),
            },
            Entry = Expect(from, 56, "the entry", 0, count - 1, file),
            Starts = Expect(from, 60, "starts", 1, Math.Min(count, HnswOptions.LargestStarts + 1), file),
            UpperRows = upperRows,
            Duplicates = Expect(from, 72, "duplicates", 0, count - 1, file),
            Unreachable = Expect(from, 76, "unreachable nodes", 0, count - 1, file),
            Repaired = Expect(from, 80, "repaired links", 0, count - 1, file),
            MeanLinks = BinaryPrimitives.ReadDoubleLittleEndian(from[88..]),
            NormVariation = BinaryPrimitives.ReadDoubleLittleEndian(from[96..]),
            ItemsChecksum = BinaryPrimitives.ReadUInt64LittleEndian(from[104..]),
            BodyChecksum = BinaryPrimitives.ReadUInt64LittleEndian(from[112..]),
        };
    }

    private static int Expect(ReadOnlySpan<byte> from, int at, string what, int low, int high, string file)
    {
        int value = BinaryPrimitives.ReadInt32LittleEndian(from[at..]);
        if (value >= low && value <= high)
            return value;
        string range = low == high ? $"{low}" : $"{low} to {high}";
        throw HnswFile.Invalid(file, at, $"{what}: {range} was expected, found {value}");
    }
}
