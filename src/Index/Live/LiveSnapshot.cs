using KernelPolicy.Kernels;

namespace KernelPolicy.Index;

/// <summary>
/// A <see cref="LiveIndex"/> as it was at one moment: items, graph and bans that belong together and stay as they are until
/// the snapshot is disposed, whatever writers do.
/// </summary>
/// <remarks>
/// <para>Thread safety: any number of threads may use it at once. Disposing it while one does is the caller's
/// error.</para>
/// <para>A snapshot that is kept keeps its memory: dispose of it soon. A search of the live index itself takes one for as
/// long as it runs.</para>
/// </remarks>
public sealed class LiveSnapshot : IMipsIndex
{
    private readonly SharedUse _use;
    private LiveState? _state;

    /// <summary>Takes over the use of a state.</summary>
    internal LiveSnapshot(LiveState state, SharedUse use) => (_state, _use) = (state, use);

    /// <inheritdoc/>
    public string Kind => State.Catalogue.Index.Kind;

    /// <summary>The graph with its parameters and the number of changes that led to the snapshot.</summary>
    public string Description => $"live/{State.Version}/{State.Catalogue.Index.Description}";

    /// <summary>β [P, L], items that are no longer available included; valid until the snapshot is disposed.</summary>
    public Matrix Items => State.Catalogue.Items;

    /// <inheritdoc/>
    public long Bytes => State.Catalogue.Index.Bytes;

    /// <summary>How many changes led to the snapshot.</summary>
    public long Version => State.Version;

    /// <summary>How many items may be found.</summary>
    public int CountAvailable => State.CountAvailable;

    /// <summary>What the last build or addition found and did.</summary>
    public HnswReport Report => State.Catalogue.Index.Report;

    /// <summary>The items that may be found, for a search of another index over the same items; null where all
    /// may.</summary>
    public ItemFilter? Available => State.Available;

    internal HnswIndex Index => State.Catalogue.Index;

    private LiveState State => _state ?? throw new ObjectDisposedException(nameof(LiveSnapshot));

    /// <inheritdoc cref="LiveIndex.Search(Matrix, int, int, TopK, WorkerTeam, ItemFilter?)"/>
    public void Search(Matrix queries, int count, int k, TopK result, WorkerTeam team, ItemFilter? filter = null) =>
        State.Search(queries, count, k, result, team, filter);

    /// <inheritdoc cref="LiveIndex.Search(ReadOnlySpan{float}, Span{int}, Span{float}, ItemFilter?)"/>
    public int Search(ReadOnlySpan<float> query, Span<int> items, Span<float> scores, ItemFilter? filter = null) =>
        State.Search(query, items, scores, filter);

    /// <summary>Writes the graph as <see cref="HnswIndex.Save"/> does; <see cref="HnswIndex.Load"/> reads it again over
    /// <see cref="Items"/>. The items, and what is banned or removed, are the caller's to keep.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void Save(string path) => State.Catalogue.Index.Save(path);

    /// <summary>Lets go of the snapshot; whoever lets go last frees an old one. Calling it again does nothing.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _state, null) is not null)
            _use.Dispose();
    }
}
