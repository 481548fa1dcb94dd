using System.IO.Hashing;
using System.Runtime.InteropServices;
using KernelPolicy.Index.Files;
using KernelPolicy.Kernels;

namespace KernelPolicy.Index;

/// <summary>
/// Index files: a section file of kind "HNSW" with the sections parameters, items (of the nodes) [N], levels [N bytes],
/// duplicates [P] where there are any, ground and upper (the padded rows of the two link tables), and, where the graph is
/// walked by codes, codes (padded rows) and scales [N bytes].
/// </summary>
/// <remarks>
/// <para>Numbers are 32 bits wide and little-endian. The items' vectors are not in the file but their checksum is: links
/// mean nothing on others. A reader trusts nothing: each length must follow from P and M before memory is taken, checksums
/// find damage, and <see cref="HnswFileCheck"/> finds what a forger could write under right checksums.</para>
/// <para>All but the parameters stays in the file, which is mapped into memory.</para>
/// </remarks>
internal static class HnswFile
{
    public const string Kind = "HNSW";
    public const int Version = 2;
    public const string Items = "items";
    public const string Levels = "levels";
    public const string Duplicates = "duplicates";
    public const string Ground = "ground";
    public const string Upper = "upper";
    public const string Codes = "codes";
    public const string Scales = "scales";

    public static void Write(string path, HnswGraph graph, HnswOptions options, HnswReport report, Matrix items) =>
        SectionFileWriter.Write(path, Kind, Version, Sections(graph, options, report, items));

    /// <summary>The sections of a graph, for a file of its own or for one that holds more.</summary>
    public static IReadOnlyList<SectionToWrite> Sections(HnswGraph graph, HnswOptions options, HnswReport report, Matrix items)
    {
        RequireLittleEndian();
        ItemCodes? codes = graph.Vectors.Codes;
        HnswFileParameters parameters = new(
            options, report, items.Columns, graph.Entry, graph.Starts, codes?.LargestScale ?? 0, Checksum(items));
        List<SectionToWrite> sections =
        [
            SectionToWrite.Of(HnswFileParameters.Section, parameters.ToBytes()),
            new(Items, stream => stream.Write(MemoryMarshal.AsBytes(graph.Vectors.ItemOf))),
            new(Levels, stream => stream.Write(graph.Levels)),
            SectionFileReader.WriteMatrix(Ground, graph.Ground.Storage),
            SectionFileReader.WriteMatrix(Upper, graph.Upper.Storage),
        ];
        if (graph.Duplicates.Count > 0)
            sections.Add(new(Duplicates, stream => stream.Write(MemoryMarshal.AsBytes(graph.Duplicates.NextItems))));
        if (codes is not null)
        {
            sections.Add(SectionFileReader.WriteMatrix(Codes, codes.Storage));
            sections.Add(new(Scales, stream => stream.Write(codes.Exponents)));
        }

        return sections;
    }

    public static (HnswGraph Graph, HnswOptions Options, HnswReport Report) Read(string path, Matrix items)
    {
        RequireLittleEndian();
        using SectionFileReader reader = new(path, Kind, Version);
        if (reader.Version < Version)
            throw reader.Fault(12, $"format version {Version} expected, found {reader.Version}, which has no order of nodes: build the index again");
        HnswFileParameters parameters = HnswFileParameters.Read(reader, items);
        ulong checksum = Checksum(items);
        if (checksum != parameters.ItemsChecksum)
            throw reader.Fault(
                reader.OffsetOf(HnswFileParameters.Section),
                $"items of checksum {parameters.ItemsChecksum:x16} expected, those given have {checksum:x16}");
        using FileMapping mapping = reader.Map();
        return ReadGraph(reader, mapping, parameters, items);
    }

    /// <summary>The graph of a file that holds its items as well, so that they need no checksum among the parameters, or of their
    /// codes alone.</summary>
    public static (HnswGraph Graph, HnswOptions Options, HnswReport Report) ReadBeside(
        SectionFileReader reader, FileMapping mapping, Matrix items)
    {
        RequireLittleEndian();
        HnswFileParameters parameters = HnswFileParameters.Read(reader, items);
        if (!items.HasValues && parameters.Options.Traversal != HnswTraversal.Codes)
            throw reader.Fault(
                reader.OffsetOf(HnswFileParameters.Section), $"a graph that is walked by codes expected, for there are no vectors; found {parameters.Options.Traversal}");
        return ReadGraph(reader, mapping, parameters, items);
    }

    private static (HnswGraph Graph, HnswOptions Options, HnswReport Report) ReadGraph(
        SectionFileReader reader, FileMapping mapping, HnswFileParameters parameters, Matrix items)
    {
        int nodes = parameters.Report.Items - parameters.Report.Duplicates;
        if (parameters.Report.Duplicates > 0 != reader.Has(Duplicates))
            throw reader.Fault(
                reader.OffsetOf(HnswFileParameters.Section),
                $"a section '{Duplicates}' expected where there are any, and {parameters.Report.Duplicates} are declared");
        int m = parameters.Options.M;
        List<IDisposable> taken = [];
        try
        {
            NumberColumn<byte> levels = Take(reader.MapColumn<byte>(mapping, Levels, nodes));
            HnswFileCheck check = new(reader, levels);
            int upperRows = check.Levels(parameters.Entry);
            DuplicateChains duplicates = reader.Has(Duplicates)
                ? Take(new DuplicateChains(reader.MapColumn<int>(mapping, Duplicates, parameters.Report.Items), parameters.Report.Duplicates))
                : DuplicateChains.None;
            NumberColumn<int> itemOf = Take(reader.MapColumn<int>(mapping, Items, nodes));
            if (reader.ChecksMapped)
            {
                check.Duplicates(duplicates, items);
                check.Items(itemOf.Span, parameters.Report.Items);
            }

            ItemCodes? codes = parameters.Options.Traversal == HnswTraversal.Codes
                ? Take(ReadCodes(reader, mapping, parameters, nodes))
                : null;
            LinkTable ground = Take(new LinkTable(reader.MapMatrix(mapping, Ground, nodes, 2 * m)));
            LinkTable upper = Take(new LinkTable(reader.MapMatrix(mapping, Upper, upperRows, m)));
            HnswGraph graph = new(m, new NodeVectors(items, itemOf, codes), levels, ground, upper)
            {
                Entry = parameters.Entry,
                Starts = parameters.Starts,
                Duplicates = duplicates,
            };
            if (reader.ChecksMapped)
                check.Links(graph);
            return (graph, parameters.Options, parameters.Report with { Layers = graph.TopLayer + 1 });
        }
        catch
        {
            taken.ForEach(one => one.Dispose());
            throw;
        }

        T Take<T>(T one)
            where T : IDisposable
        {
            taken.Add(one);
            return one;
        }
    }

    private static ItemCodes ReadCodes(SectionFileReader reader, FileMapping mapping, HnswFileParameters parameters, int nodes)
    {
        NumberColumn<byte> scales = reader.MapColumn<byte>(mapping, Scales, nodes);
        try
        {
            Matrix storage = reader.MapMatrix(mapping, Codes, nodes, ItemCodes.StorageColumns(parameters.Columns));
            return new ItemCodes(parameters.Columns, storage, scales, parameters.LargestScale);
        }
        catch
        {
            scales.Dispose();
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
}
