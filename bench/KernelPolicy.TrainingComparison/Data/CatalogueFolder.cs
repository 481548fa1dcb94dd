using System.Runtime.InteropServices;
using System.Text.Json;
using KernelPolicy.Data;
using KernelPolicy.Index;
using KernelPolicy.Kernels;
using KernelPolicy.Policy;

namespace KernelPolicy.TrainingComparison.Data;

/// <summary>What a catalogue is: meta.json.</summary>
/// <param name="Items">P.</param>
/// <param name="Dim">L.</param>
/// <param name="Contexts">N, a multiple of B.</param>
/// <param name="History">Items of each history.</param>
/// <param name="Rewarded">Rewarded items of each context.</param>
/// <param name="BatchSize">B.</param>
/// <param name="Seed">Seed of the draws.</param>
/// <param name="BuildSeconds">Seconds that building our graph took, on <paramref name="Threads"/> threads.</param>
/// <param name="Threads">Threads.</param>
internal sealed record CatalogueMeta(
    int Items, int Dim, int Contexts, int History, int Rewarded, int BatchSize, ulong Seed, double BuildSeconds, int Threads);

/// <summary>
/// A catalogue on disk, for readers in two languages: items.f32 [P, L], contexts.f32 [N, L] (x, the means of β over the histories),
/// histories.i32 [N, history], rewarded.i32 [N, rewarded], gradient.f32 [L, L] (exact, at Θ = I, of the first B contexts), all row-major,
/// little-endian, without padding; graph.kpindex is ours alone; meta.json says the sizes.
/// </summary>
internal sealed class CatalogueFolder(string path)
{
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        WriteIndented = true,
    };

    private string GraphFile => File("graph.kpindex");

    /// <summary>Writes a catalogue; meta.json comes last and so says that the rest is there.</summary>
    public void Write(CatalogueMeta meta, SyntheticWorkload workload, IContextSource contexts, Matrix gradient, HnswIndex graph)
    {
        Directory.CreateDirectory(path);
        System.IO.File.Delete(File("meta.json"));
        WriteRows("items.f32", workload.Items);
        using Matrix one = new(1, meta.Dim);
        using (FileStream stream = Create("contexts.f32"))
        {
            for (int context = 0; context < meta.Contexts; context++)
            {
                contexts.Fill(context, one, 0);
                stream.Write(MemoryMarshal.AsBytes(one.Row(0)));
            }
        }

        WriteLists("histories.i32", workload.Histories, meta.History);
        WriteLists("rewarded.i32", workload.Rewarded, meta.Rewarded);
        WriteRows("gradient.f32", gradient);
        graph.Save(GraphFile);
        System.IO.File.WriteAllText(File("meta.json"), JsonSerializer.Serialize(meta, Json));
    }

    /// <summary>The sizes.</summary>
    /// <exception cref="InvalidDataException">The file is not what <see cref="Write"/> writes.</exception>
    public CatalogueMeta ReadMeta() =>
        JsonSerializer.Deserialize<CatalogueMeta>(System.IO.File.ReadAllText(File("meta.json")), Json)
        ?? throw new InvalidDataException($"{File("meta.json")} is empty.");

    /// <summary>β [P, L]; the caller disposes it.</summary>
    /// <exception cref="InvalidDataException">The file has another size.</exception>
    public Matrix ReadItems(CatalogueMeta meta)
    {
        using FileStream stream = Open("items.f32", (long)meta.Items * meta.Dim * sizeof(float));
        Matrix items = new(meta.Items, meta.Dim);
        for (long row = 0; row < items.Rows; row++)
            stream.ReadExactly(MemoryMarshal.AsBytes(items.Row(row)));
        return items;
    }

    /// <summary>Contexts and rewards over the items.</summary>
    /// <exception cref="InvalidDataException">A file has another size.</exception>
    public TrainingProblem ReadProblem(CatalogueMeta meta, Matrix items) => TrainingProblem.SessionCompletion(
        items,
        ReadLists("histories.i32", meta.Contexts, meta.History),
        ReadLists("rewarded.i32", meta.Contexts, meta.Rewarded));

    /// <summary>Our graph; the caller disposes it.</summary>
    public HnswIndex ReadGraph(Matrix items) => HnswIndex.Load(GraphFile, items);

    private string File(string name) => Path.Combine(path, name);

    private FileStream Create(string name) => new(File(name), FileMode.Create, FileAccess.Write, FileShare.None, 1 << 20);

    private FileStream Open(string name, long bytes)
    {
        FileStream stream = new(File(name), FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 20);
        if (stream.Length == bytes)
            return stream;
        long found = stream.Length;
        stream.Dispose();
        throw new InvalidDataException($"{File(name)} has {found} bytes; by meta.json it has {bytes}.");
    }

    private void WriteRows(string name, Matrix rows)
    {
        using FileStream stream = Create(name);
        for (long row = 0; row < rows.Rows; row++)
            stream.Write(MemoryMarshal.AsBytes(rows.Row(row)));
    }

    private void WriteLists(string name, SparseRows rows, int length)
    {
        if (rows.ItemCount != (long)rows.Count * length)
            throw new InvalidDataException($"{name}: {rows.Count} rows of {rows.ItemCount} items are not {length} each.");
        using FileStream stream = Create(name);
        stream.Write(MemoryMarshal.AsBytes(rows.Items));
    }

    private SparseRows ReadLists(string name, int rows, int length)
    {
        int[] items = new int[rows * length];
        using FileStream stream = Open(name, (long)items.Length * sizeof(int));
        stream.ReadExactly(MemoryMarshal.AsBytes(items.AsSpan()));
        return new SparseRows([.. Enumerable.Range(0, rows + 1).Select(row => (long)row * length)], items);
    }
}
