using System.Buffers.Binary;
using KernelPolicy.Index.Files;
using KernelPolicy.Kernels;

namespace KernelPolicy.Index;

/// <summary>The section of an index file that says how the graph was built, on what, and how large it is.</summary>
/// <remarks>
/// 96 bytes: P (8 bytes), L, metric, M, efConstruction, efSearch, longest as starts, seed (8), entry, number of starts,
/// duplicates, unreachable, repaired, traversal, mean links (8), norm variation (8), checksum of the items (8), largest
/// scale of the codes, links by inner product.
/// </remarks>
internal sealed record HnswFileParameters(
    HnswOptions Options, HnswReport Report, int Columns, int Entry, int Starts, float LargestScale, ulong ItemsChecksum)
{
    public const string Section = "parameters";

    private const int Bytes = 96;

    public byte[] ToBytes()
    {
        byte[] bytes = new byte[Bytes];
        Span<byte> to = bytes;
        BinaryPrimitives.WriteInt64LittleEndian(to, Report.Items);
        BinaryPrimitives.WriteInt32LittleEndian(to[8..], Columns);
        BinaryPrimitives.WriteInt32LittleEndian(to[12..], (int)Options.Metric);
        BinaryPrimitives.WriteInt32LittleEndian(to[16..], Options.M);
        BinaryPrimitives.WriteInt32LittleEndian(to[20..], Options.EfConstruction);
        BinaryPrimitives.WriteInt32LittleEndian(to[24..], Options.EfSearch);
        BinaryPrimitives.WriteInt32LittleEndian(to[28..], Options.LongestAsStarts);
        BinaryPrimitives.WriteUInt64LittleEndian(to[32..], Options.Seed);
        BinaryPrimitives.WriteInt32LittleEndian(to[40..], Entry);
        BinaryPrimitives.WriteInt32LittleEndian(to[44..], Starts);
        BinaryPrimitives.WriteInt32LittleEndian(to[48..], Report.Duplicates);
        BinaryPrimitives.WriteInt32LittleEndian(to[52..], Report.Unreachable);
        BinaryPrimitives.WriteInt32LittleEndian(to[56..], Report.Repaired);
        BinaryPrimitives.WriteInt32LittleEndian(to[60..], (int)Options.Traversal);
        BinaryPrimitives.WriteDoubleLittleEndian(to[64..], Report.MeanLinks);
        BinaryPrimitives.WriteDoubleLittleEndian(to[72..], Report.NormVariation);
        BinaryPrimitives.WriteUInt64LittleEndian(to[80..], ItemsChecksum);
        BinaryPrimitives.WriteSingleLittleEndian(to[88..], LargestScale);
        BinaryPrimitives.WriteInt32LittleEndian(to[92..], Options.InnerProductLinks);
        return bytes;
    }

    /// <summary>Reads the section of an index over <paramref name="items"/>.</summary>
    /// <exception cref="InvalidDataException">A number is out of its range, or the index is over items of another
    /// shape.</exception>
    public static HnswFileParameters Read(SectionFileReader reader, Matrix items)
    {
        byte[] from = reader.ReadBytes(Section, Bytes);
        long at = reader.OffsetOf(Section);
        int count = (int)items.Rows;
        long rows = BinaryPrimitives.ReadInt64LittleEndian(from);
        if (rows != count)
            throw reader.Fault(at, $"an index over {count} items expected, found one over {rows}");
        int columns = Number(8, "columns", items.Columns, items.Columns);
        HnswOptions options = new()
        {
            Metric = (HnswMetric)Number(12, "metric", 0, (int)HnswMetric.Angular),
            M = Number(16, "M", 2, HnswOptions.LargestM),
            EfConstruction = Number(20, "efConstruction", 1, HnswOptions.LargestEf),
            EfSearch = Number(24, "efSearch", 1, HnswOptions.LargestEf),
            LongestAsStarts = Number(28, "longest as starts", 0, HnswOptions.LargestStarts),
            InnerProductLinks = Number(92, "links by inner product", 0, HnswOptions.LargestM),
            Traversal = (HnswTraversal)Number(60, "traversal", 0, (int)HnswTraversal.Codes),
            Seed = BinaryPrimitives.ReadUInt64LittleEndian(from.AsSpan(32)),
        };
        HnswReport report = new(
            count,
            Number(48, "duplicates", 0, count - 1),
            Number(52, "unreachable nodes", 0, count - 1),
            Number(56, "repaired links", 0, count - 1),
            0,
            BinaryPrimitives.ReadDoubleLittleEndian(from.AsSpan(64)),
            BinaryPrimitives.ReadDoubleLittleEndian(from.AsSpan(72)),
            0);
        int nodes = count - report.Duplicates;
        float largestScale = BinaryPrimitives.ReadSingleLittleEndian(from.AsSpan(88));
        if (options.Traversal == HnswTraversal.Codes && !(largestScale > 0 && float.IsFinite(largestScale)))
            throw reader.Fault(at + 88, $"a largest scale above 0 expected, found {largestScale}");
        return new HnswFileParameters(
            options, report, columns, Number(40, "entry", 0, nodes - 1),
            Number(44, "starts", 0, Math.Min(nodes, HnswOptions.LargestStarts)), largestScale,
            BinaryPrimitives.ReadUInt64LittleEndian(from.AsSpan(80)));

        int Number(int offset, string what, int low, int high)
        {
            int value = BinaryPrimitives.ReadInt32LittleEndian(from.AsSpan(offset));
            if (value >= low && value <= high)
                return value;
            throw reader.Fault(at + offset, $"{what} of {(low == high ? $"{low}" : $"{low} to {high}")} expected, found {value}");
        }
    }
}
