using System.IO.Hashing;
using System.Runtime.InteropServices;
using KernelPolicy.Index.Files;
using KernelPolicy.Kernels;

namespace KernelPolicy.Index;

/// <summary>
/// Index files: a section file of kind "HNSW" with the sections parameters, levels [P bytes], starts, duplicates [P] where
/// there are any, ground and upper (the padded rows of the two link tables).
/// </summary>
/// <remarks>
/// Numbers are 32 bits wide and little-endian. The items are not in the file but their checksum is: links mean nothing on
/// others. A reader trusts nothing: each length must follow from P and M before memory is taken, checksums find damage,
/// and <see cref="HnswFileCheck"/> finds what a forger could write under right checksums.
/// </remarks>
internal static class HnswFile
{
    public const string Kind = "HNSW";
    public const int Version = 1;
    public const string Levels = "levels";
    public const string Starts = "starts";
    public const string Duplicates = "duplicates";
    public const string Ground = "ground";
    public const string Upper = "upper";

    public static void Write(string path, HnswGraph graph, HnswOptions options, HnswReport report, Matrix items)
    {
        RequireLittleEndian();
        List<SectionToWrite> sections =
        [
            SectionToWrite.Of(
                HnswFileParameters.Section,
                new HnswFileParameters(options, report, items.Columns, graph.Entry, graph.Starts.Length, Checksum(items)).ToBytes()),
            new(Levels, stream => stream.Write(graph.Levels)),
            new(Starts, stream => stream.Write(MemoryMarshal.AsBytes(graph.Starts.AsSpan()))),
            SectionFileReader.WriteMatrix(Ground, graph.Ground.Storage),
            SectionFileReader.WriteMatrix(Upper, graph.Upper.Storage),
        ];
        if (graph.Duplicates.Count > 0)
            sections.Add(new(Duplicates, stream => stream.Write(MemoryMarshal.AsBytes(graph.Duplicates.NextItems))));
        SectionFileWriter.Write(path, Kind, Version, sections);
    }

    public static (HnswGraph Graph, HnswOptions Options, HnswReport Report) Read(string path, Matrix items)
    {
        RequireLittleEndian();
        using SectionFileReader reader = new(path, Kind, Version);
        HnswFileParameters parameters = HnswFileParameters.Read(reader, items);
        ulong checksum = Checksum(items);
        if (checksum != parameters.ItemsChecksum)
            throw reader.Fault(
                reader.OffsetOf(HnswFileParameters.Section),
                $"items of checksum {parameters.ItemsChecksum:x16} expected, those given have {checksum:x16}");
        int count = (int)items.Rows;
        byte[] levels = reader.ReadBytes(Levels, count);
        HnswFileCheck check = new(reader, levels);
        int upperRows = check.Levels(parameters.Entry);
        if (parameters.Report.Duplicates > 0 != reader.Has(Duplicates))
            throw reader.Fault(
                reader.OffsetOf(HnswFileParameters.Section),
                $"a section '{Duplicates}' expected where there are any, and {parameters.Report.Duplicates} are declared");
        int[] next = reader.Has(Duplicates) ? ReadNumbers(reader, Duplicates, count) : [];
        check.Duplicates(next, parameters.Report.Duplicates, parameters.Entry, items);
        int[] starts = ReadNumbers(reader, Starts, parameters.Starts);
        check.Starts(starts);

        int m = parameters.Options.M;
        LinkTable ground = new(reader.ReadMatrix(Ground, count, 2 * m));
        LinkTable? upper = null;
        try
        {
            upper = new LinkTable(reader.ReadMatrix(Upper, upperRows, m));
            HnswGraph graph = new(m, levels, ground, upper) { Entry = parameters.Entry, Starts = starts };
            if (next.Length > 0)
                graph.Duplicates = new DuplicateChains(next, parameters.Report.Duplicates);
            check.Links(graph);
            return (graph, parameters.Options, parameters.Report with { Layers = graph.TopLayer + 1 });
        }
        catch
        {
            ground.Dispose();
            upper?.Dispose();
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

    private static int[] ReadNumbers(SectionFileReader reader, string section, int count) =>
        MemoryMarshal.Cast<byte, int>(reader.ReadBytes(section, sizeof(int) * (long)count)).ToArray();

    private static void RequireLittleEndian()
    {
        if (!BitConverter.IsLittleEndian)
            throw new PlatformNotSupportedException("Index files are read and written on little-endian processors.");
    }
}
