using System.Runtime.InteropServices;
using System.Text.Json;
using KernelPolicy.Kernels;

namespace KernelPolicy.IndexComparison.Datasets;

/// <summary>What a dataset is: meta.json. Flat, since the C++ peer reads it without a JSON library.</summary>
/// <param name="Name">Name of the dataset, and of its folder.</param>
/// <param name="Items">P.</param>
/// <param name="Dim">L.</param>
/// <param name="Queries">Q.</param>
/// <param name="TruthK">Items of the exact answer kept for each query.</param>
/// <param name="Tied10">Queries whose 10th and 11th best scores are equal: where numbers alone cannot say who is right.</param>
/// <param name="Tied256">The same at 256.</param>
/// <param name="NormVariation">Standard deviation of the items' norms over their mean.</param>
/// <param name="Seconds">Seconds that making it took, with the exact answers.</param>
/// <param name="About">How it was made.</param>
internal sealed record DatasetMeta(
    string Name, int Items, int Dim, int Queries, int TruthK, int Tied10, int Tied256, double NormVariation, double Seconds, string About);

/// <summary>
/// A dataset on disk, for readers in three languages: items.f32 [P, L], queries.f32 [Q, L] and truth.i32 [Q, truthK], all
/// row-major, little-endian, without padding; meta.json says the sizes.
/// </summary>
internal sealed class DatasetFolder(string path)
{
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        WriteIndented = true,
    };

    private string ItemsFile => Path.Combine(path, "items.f32");

    private string QueriesFile => Path.Combine(path, "queries.f32");

    private string TruthFile => Path.Combine(path, "truth.i32");

    private string MetaFile => Path.Combine(path, "meta.json");

    /// <summary>Writes a dataset; meta.json comes last and so says that the rest is there.</summary>
    public void Write(DatasetMeta meta, Matrix items, Matrix queries, int[] truth)
    {
        Directory.CreateDirectory(path);
        File.Delete(MetaFile);
        WriteRows(ItemsFile, items);
        WriteRows(QueriesFile, queries);
        File.WriteAllBytes(TruthFile, MemoryMarshal.AsBytes(truth.AsSpan()));
        File.WriteAllText(MetaFile, JsonSerializer.Serialize(meta, Json));
    }

    /// <summary>The sizes.</summary>
    /// <exception cref="InvalidDataException">The file is not what <see cref="Write"/> writes.</exception>
    public DatasetMeta ReadMeta() =>
        JsonSerializer.Deserialize<DatasetMeta>(File.ReadAllText(MetaFile), Json)
        ?? throw new InvalidDataException($"{MetaFile} is empty.");

    /// <summary>The items; the caller disposes them.</summary>
    public Matrix ReadItems(DatasetMeta meta) => ReadRows(ItemsFile, meta.Items, meta.Dim);

    /// <summary>The queries; the caller disposes them.</summary>
    public Matrix ReadQueries(DatasetMeta meta) => ReadRows(QueriesFile, meta.Queries, meta.Dim);

    /// <summary>The exact answers [Q, truthK], best first.</summary>
    public int[] ReadTruth(DatasetMeta meta)
    {
        int[] truth = new int[meta.Queries * meta.TruthK];
        using FileStream file = File.OpenRead(TruthFile);
        file.ReadExactly(MemoryMarshal.AsBytes(truth.AsSpan()));
        return truth;
    }

    private static void WriteRows(string file, Matrix rows)
    {
        using FileStream stream = new(file, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 20);
        for (long row = 0; row < rows.Rows; row++)
            stream.Write(MemoryMarshal.AsBytes(rows.Row(row)));
    }

    private static Matrix ReadRows(string file, int rows, int columns)
    {
        long expected = (long)rows * columns * sizeof(float);
        using FileStream stream = new(file, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 20);
        if (stream.Length != expected)
            throw new InvalidDataException($"{file} has {stream.Length} bytes, {rows} × {columns} floats have {expected}.");
        Matrix matrix = new(rows, columns);
        for (int row = 0; row < rows; row++)
            stream.ReadExactly(MemoryMarshal.AsBytes(matrix.Row(row)));
        return matrix;
    }
}
