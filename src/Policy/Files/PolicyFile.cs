using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using KernelPolicy.Index.Files;
using KernelPolicy.Kernels;

namespace KernelPolicy.Policy;

/// <summary>Saves and loads policies.</summary>
/// <remarks>
/// A section file of kind "PLCY": "facts" (JSON: sizes, facts), "theta" and "items" (padded rows of floats), "item-id-ends"
/// (where each id ends, 8 bytes each) and "item-ids" (UTF-8). Version 2 adds "bias" (one padded row) to a policy that has
/// one; a policy without is written in version 1, which older readers understand.
/// </remarks>
public static class PolicyFile
{
    internal const string Kind = "PLCY";
    internal const int Version = 2;
    internal const string Items = "items";
    internal const string FactsSection = "facts";
    private const int VersionWithoutBias = 1;

    /// <summary>Writes a policy, whole or not at all.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Save(string path, SoftmaxPolicy policy)
    {
        ArgumentNullException.ThrowIfNull(policy);
        Save(path, new QueryMap(policy.Theta, policy.Bias), SectionFileReader.WriteMatrix(Items, policy.Items), policy.ItemIds, policy.Facts);
    }

    /// <summary>Writes a policy of which β is not at hand as a whole, whole or not at all.</summary>
    /// <param name="path">Target; replaced by renaming.</param>
    /// <param name="query">Θ [L, L] and, where there is one, b.</param>
    /// <param name="itemIds">The items' ids [P].</param>
    /// <param name="facts">Facts of the training.</param>
    /// <param name="rows">Room for some rows of β [at least 1, L]; it stays the caller's.</param>
    /// <param name="fill">Writes to it the rows of the items from the given one on, up to P: called for one part after the other.</param>
    /// <exception cref="ArgumentException">The parts do not fit.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Save(
        string path, QueryMap query, IReadOnlyList<string> itemIds, IReadOnlyDictionary<string, string> facts, Matrix rows, Action<int> fill)
    {
        query.Validate();
        ArgumentNullException.ThrowIfNull(itemIds);
        ArgumentNullException.ThrowIfNull(facts);
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentNullException.ThrowIfNull(fill);
        if (rows.Rows < 1 || rows.Columns != query.Theta.Columns)
            throw new ArgumentException($"There is room for [{rows.Rows}, {rows.Columns}]; Θ has {query.Theta.Columns} columns.", nameof(rows));
        int catalogue = itemIds.Count;
        SectionToWrite items = new(Items, stream =>
        {
            for (int first = 0; first < catalogue; first += (int)rows.Rows)
            {
                fill(first);
                for (int row = 0; row < Math.Min(rows.Rows, catalogue - first); row++)
                    stream.Write(System.Runtime.InteropServices.MemoryMarshal.AsBytes(rows.PaddedRow(row)));
            }
        });
        Save(path, query, items, itemIds, facts);
    }

    /// <summary>Reads a policy.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">It is not a policy, is newer, or is damaged.</exception>
    public static SoftmaxPolicy Load(string path)
    {
        using var file = new SectionFileReader(path, Kind, Version);
        PolicyFacts facts = ReadFacts(file);
        if (facts.Facts.ContainsValue(null!))
            throw file.Fault(file.OffsetOf("facts"), "facts of the training expected, each with a text, found null");
        string[] ids = ReadIds(file, (int)facts.Items);
        Matrix theta = file.ReadMatrix("theta", facts.Dimension, facts.Dimension);
        Matrix? items = null, bias = null;
        try
        {
            TableCheck.Run(file, "theta", theta);
            items = file.ReadMatrix(Items, facts.Items, facts.Dimension);
            TableCheck.Run(file, Items, items);
            if (file.Version > VersionWithoutBias)
            {
                bias = file.ReadMatrix("bias", 1, facts.Dimension);
                TableCheck.Run(file, "bias", bias);
            }

            return new SoftmaxPolicy(theta, items, ids, facts.Facts, bias);
        }
        catch
        {
            theta.Dispose();
            items?.Dispose();
            bias?.Dispose();
            throw;
        }
    }

    /// <summary>The facts of a policy file or bundle, with sizes that are within reason.</summary>
    /// <exception cref="InvalidDataException">They are not.</exception>
    internal static PolicyFacts ReadFacts(SectionFileReader file)
    {
        PolicyFacts facts = file.ReadJson(FactsSection, PolicyJson.Default.PolicyFacts);
        if (facts.Items is < 1 or > int.MaxValue || facts.Dimension is < 1 or > 1 << 20 || facts.Facts is null)
            throw file.Fault(0, $"1 to {int.MaxValue} items of 1 to {1 << 20} dimensions expected, found {facts.Items} of {facts.Dimension}");
        return facts;
    }

    private static void Save(
        string path, QueryMap query, SectionToWrite items, IReadOnlyList<string> itemIds, IReadOnlyDictionary<string, string> facts)
    {
        byte[] json = JsonSerializer.SerializeToUtf8Bytes(
            new PolicyFacts(itemIds.Count, query.Theta.Columns, new SortedDictionary<string, string>(facts.ToDictionary())),
            PolicyJson.Default.PolicyFacts);
        List<SectionToWrite> sections =
        [
            SectionToWrite.Of(FactsSection, json),
            SectionFileReader.WriteMatrix("theta", query.Theta),
            items,
            new SectionToWrite("item-id-ends", stream => WriteIdEnds(stream, itemIds)),
            new SectionToWrite("item-ids", stream => WriteIds(stream, itemIds)),
        ];
        if (query.Bias is { } bias)
            sections.Add(SectionFileReader.WriteMatrix("bias", bias));
        SectionFileWriter.Write(path, Kind, query.Bias is null ? VersionWithoutBias : Version, sections);
    }

    private static void WriteIdEnds(Stream stream, IReadOnlyList<string> ids)
    {
        Span<byte> bytes = stackalloc byte[sizeof(long)];
        long end = 0;
        foreach (string id in ids)
        {
            end += Encoding.UTF8.GetByteCount(id);
            BinaryPrimitives.WriteInt64LittleEndian(bytes, end);
            stream.Write(bytes);
        }
    }

    private static void WriteIds(Stream stream, IReadOnlyList<string> ids)
    {
        foreach (string id in ids)
            stream.Write(Encoding.UTF8.GetBytes(id));
    }

    private static string[] ReadIds(SectionFileReader file, int count)
    {
        byte[] ends = file.ReadBytes("item-id-ends", (long)count * sizeof(long));
        byte[] text = file.ReadBytes("item-ids");
        string[] ids = new string[count];
        long start = 0;
        for (int item = 0; item < count; item++)
        {
            long end = BinaryPrimitives.ReadInt64LittleEndian(ends.AsSpan(item * sizeof(long)));
            if (end < start || end > text.Length)
                throw file.Fault(0, $"the id of item {item} must end within the {text.Length} bytes of ids, not at {end}");
            ids[item] = Encoding.UTF8.GetString(text, (int)start, (int)(end - start));
            start = end;
        }

        return ids;
    }
}

/// <summary>The part of a policy file that is no table.</summary>
internal sealed record PolicyFacts(long Items, int Dimension, SortedDictionary<string, string> Facts);

/// <summary>How policies' facts are written as JSON, without reflection.</summary>
[JsonSerializable(typeof(PolicyFacts))]
internal sealed partial class PolicyJson : JsonSerializerContext;
