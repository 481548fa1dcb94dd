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
    private const string Kind = "PLCY";
    private const int Version = 2;
    private const int VersionWithoutBias = 1;

    /// <summary>Writes a policy, whole or not at all.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Save(string path, SoftmaxPolicy policy)
    {
        ArgumentNullException.ThrowIfNull(policy);
        byte[] json = JsonSerializer.SerializeToUtf8Bytes(
            new PolicyFacts(policy.Items.Rows, policy.Items.Columns, new SortedDictionary<string, string>(policy.Facts.ToDictionary())),
            PolicyJson.Default.PolicyFacts);
        List<SectionToWrite> sections =
        [
            SectionToWrite.Of("facts", json),
            SectionFileReader.WriteMatrix("theta", policy.Theta),
            SectionFileReader.WriteMatrix("items", policy.Items),
            new SectionToWrite("item-id-ends", stream => WriteIdEnds(stream, policy.ItemIds)),
            new SectionToWrite("item-ids", stream => WriteIds(stream, policy.ItemIds)),
        ];
        if (policy.Bias is { } bias)
            sections.Add(SectionFileReader.WriteMatrix("bias", bias));
        SectionFileWriter.Write(path, Kind, policy.Bias is null ? VersionWithoutBias : Version, sections);
    }

    /// <summary>Reads a policy.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">It is not a policy, is newer, or is damaged.</exception>
    public static SoftmaxPolicy Load(string path)
    {
        using var file = new SectionFileReader(path, Kind, Version);
        PolicyFacts facts = file.ReadJson("facts", PolicyJson.Default.PolicyFacts);
        if (facts.Items is < 1 or > int.MaxValue || facts.Dimension is < 1 or > 1 << 20 || facts.Facts is null)
            throw file.Fault(0, $"1 to {int.MaxValue} items of 1 to {1 << 20} dimensions expected, found {facts.Items} of {facts.Dimension}");
        if (facts.Facts.ContainsValue(null!))
            throw file.Fault(file.OffsetOf("facts"), "facts of the training expected, each with a text, found null");
        string[] ids = ReadIds(file, (int)facts.Items);
        Matrix theta = file.ReadMatrix("theta", facts.Dimension, facts.Dimension);
        Matrix? items = null, bias = null;
        try
        {
            TableCheck.Run(file, "theta", theta);
            items = file.ReadMatrix("items", facts.Items, facts.Dimension);
            TableCheck.Run(file, "items", items);
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
