using System.Text.Json;
using KernelPolicy.Index;
using KernelPolicy.Index.Files;
using KernelPolicy.Kernels;

namespace KernelPolicy.Policy;

/// <summary>
/// All that recommends, in one file: Θ, b, β, the index over β, the items' ids and how the policy came to be.
/// </summary>
/// <remarks>
/// A section file of kind "BNDL": "facts" (JSON), "theta", "beta" unless the codes stand alone, and, where the policy has one, "bias"
/// (padded rows of floats);
/// "item-id-ends", "item-ids" and "item-id-slots" (<see cref="ItemIdTable"/>); and the sections of an index file of format
/// version 2 (<see cref="HnswIndex"/>). The tables are mapped into memory: processes that open the same file share one copy.
/// </remarks>
internal static class BundleFile
{
    public const string Kind = ItemRowsFile.BundleKind;
    public const int Version = ItemRowsFile.BundleVersion;
    private const int MostDimensions = 1 << 20;
    private const string Facts = "facts";
    private const string Theta = "theta";
    private const string Bias = "bias";
    private const string Beta = ItemRowsFile.BundleItems;

    public static void Write(string path, SoftmaxPolicy policy, HnswIndex index, BundleItems items)
    {
        byte[] json = JsonSerializer.SerializeToUtf8Bytes(
            new PolicyFacts(policy.Items.Rows, policy.Items.Columns, new SortedDictionary<string, string>(policy.Facts.ToDictionary())),
            PolicyJson.Default.PolicyFacts);
        List<SectionToWrite> sections =
        [
            SectionToWrite.Of(Facts, json),
            SectionFileReader.WriteMatrix(Theta, policy.Theta),
            .. items == BundleItems.Vectors ? [SectionFileReader.WriteMatrix(Beta, policy.Items)] : Array.Empty<SectionToWrite>(),
            .. ItemIdTable.Sections(policy.ItemIds),
            .. index.Sections(),
        ];
        if (policy.Bias is { } bias)
            sections.Add(SectionFileReader.WriteMatrix(Bias, bias));
        SectionFileWriter.Write(path, Kind, Version, sections);
    }

    public static ServingBundle Read(string path, BundleVerification verification)
    {
        using SectionFileReader file = new(path, Kind, Version) { ChecksMapped = verification == BundleVerification.Full };
        PolicyFacts facts = file.ReadJson(Facts, PolicyJson.Default.PolicyFacts);
        if (facts.Items is < 1 or > ItemIdTable.MostItems || facts.Dimension is < 1 or > MostDimensions)
            throw file.Fault(file.OffsetOf(Facts), $"1 to {ItemIdTable.MostItems} items of 1 to {MostDimensions} dimensions expected, found {facts.Items} of {facts.Dimension}");
        if (facts.Facts is null || facts.Facts.ContainsValue(null!))
            throw file.Fault(file.OffsetOf(Facts), "facts of the training expected, each with a text, found null");

        using FileMapping mapping = file.Map();
        List<IDisposable> taken = [];
        try
        {
            Matrix theta = Take(file.ReadMatrix(Theta, facts.Dimension, facts.Dimension));
            TableCheck.Run(file, Theta, theta);
            Matrix? bias = file.Has(Bias) ? Take(file.ReadMatrix(Bias, 1, facts.Dimension)) : null;
            if (bias is not null)
                TableCheck.Run(file, Bias, bias);
            Matrix items = Take(file.Has(Beta)
                ? file.MapMatrix(mapping, Beta, facts.Items, facts.Dimension)
                : Matrix.OfShape(facts.Items, facts.Dimension, $"{path} holds the codes of its items, not their vectors: this needs the vectors."));
            if (file.ChecksMapped && items.HasValues)
                TableCheck.Run(file, Beta, items);
            ItemIdTable ids = Take(ItemIdTable.Read(file, mapping, (int)facts.Items));
            HnswIndex index = Take(HnswIndex.Read(file, mapping, items));
            return new ServingBundle(new QueryMap(theta, bias), items, index, ids, facts.Facts);
        }
        catch
        {
            taken.Reverse();
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
}
