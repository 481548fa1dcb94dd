using System.Runtime.CompilerServices;
using KernelPolicy.Kernels;

namespace KernelPolicy.Index;

/// <summary>Items and the graph over them: what a change of bans leaves as it is.</summary>
internal sealed class LiveCatalogue : Counted
{
    private readonly bool _ownsItems;
    private readonly StrongBox<int> _alive;

    /// <param name="index">The graph; taken over.</param>
    /// <param name="ownsItems">Whether the items are freed with it.</param>
    /// <param name="alive">Counts the catalogues that have not been freed.</param>
    public LiveCatalogue(HnswIndex index, bool ownsItems, StrongBox<int> alive)
    {
        Index = index;
        _ownsItems = ownsItems;
        _alive = alive;
        Interlocked.Increment(ref alive.Value);
    }

    public HnswIndex Index { get; }

    public Matrix Items => Index.Items;

    protected override void Free()
    {
        Index.Dispose();
        if (_ownsItems)
            Items.Dispose();
        Interlocked.Decrement(ref _alive.Value);
    }
}

/// <summary>What a live index is at one moment, frozen: a catalogue and which of its items are available.</summary>
internal sealed class LiveState : Shared
{
    /// <param name="catalogue">The catalogue, of which this takes over one count.</param>
    /// <param name="available">Which items may be found; all where null.</param>
    /// <param name="version">How many changes led to it.</param>
    public LiveState(LiveCatalogue catalogue, ItemFilter? available, long version)
    {
        Catalogue = catalogue;
        Available = available;
        Version = version;
    }

    public LiveCatalogue Catalogue { get; }

    public ItemFilter? Available { get; }

    public long Version { get; }

    public int Count => (int)Catalogue.Items.Rows;

    public int CountAvailable => Available?.Allowed ?? Count;

    public void Search(Matrix queries, int count, int k, TopK result, WorkerTeam team, ItemFilter? filter) =>
        Catalogue.Index.Search(queries, count, k, result, team, new AllowedItems(Count, Available, filter));

    public int Search(ReadOnlySpan<float> query, Span<int> items, Span<float> scores, ItemFilter? filter) =>
        Search(query, items, scores, filter, out _);

    /// <summary>The same, and how many nodes and items it scored.</summary>
    public int Search(ReadOnlySpan<float> query, Span<int> items, Span<float> scores, ItemFilter? filter, out long scored) =>
        Catalogue.Index.Search(query, items, scores, new AllowedItems(Count, Available, filter), out scored);

    protected override void Free() => Catalogue.Release();
}
