using ILGPU;

namespace KernelPolicy.Kernels.Ilgpu;

/// <summary>How large the strata of a context may be, and how they are divided among groups: parts of 128 items, each of the
/// head or of the tail alone.</summary>
/// <param name="catalogue">P.</param>
/// <param name="headCapacity">The most items of a head.</param>
/// <param name="draws">l, draws of a tail; P where all items are to be in it.</param>
/// <param name="isShared">Whether the contexts of a batch have their draws in common.</param>
/// <param name="isControlled">Whether a line is taken away.</param>
/// <param name="isDense">Whether items outside the head may have a reward.</param>
/// <param name="dimensionThreads">Threads over the columns of a row.</param>
internal readonly struct StrataShape(
    int catalogue, int headCapacity, int draws, bool isShared, bool isControlled, bool isDense, int dimensionThreads)
{
    /// <summary>Draws below which no line is fitted.</summary>
    public const int LeastControlled = 8;

    private readonly int _isShared = isShared ? 1 : 0;
    private readonly int _isControlled = isControlled ? 1 : 0;
    private readonly int _isDense = isDense ? 1 : 0;

    /// <summary>P.</summary>
    public int Catalogue { get; } = catalogue;

    /// <summary>The most items of a head.</summary>
    public int HeadCapacity { get; } = headCapacity;

    /// <summary>l.</summary>
    public int Draws { get; } = draws;

    /// <summary>Threads over the columns of a row.</summary>
    public int DimensionThreads { get; } = dimensionThreads;

    /// <summary>Always zero, which compilers of kernels do not know.</summary>
    public int Zero { get; }

    /// <summary>Whether items outside the head may have a reward.</summary>
    public bool IsDense => _isDense != 0;

    /// <summary>Whether the tail is the whole catalogue, each item once.</summary>
    public bool IsWhole => Draws == Catalogue;

    /// <summary>Slots of a context: those of the head, then those of the tail.</summary>
    public int Slots => HeadCapacity + Draws;

    /// <summary>Parts of a head.</summary>
    public int HeadParts => (HeadCapacity + SampledShape.Part - 1) / SampledShape.Part;

    /// <summary>Parts of a context.</summary>
    public int Parts => HeadParts + ((Draws + SampledShape.Part - 1) / SampledShape.Part);

    /// <summary>Whether a tail of so many draws has a line taken away.</summary>
    public bool IsControlled(StrataCounts counts) => _isControlled != 0 && counts.IsWhole == 0 && counts.Tail >= LeastControlled;

    /// <summary>Draw <paramref name="draw"/> of a context's tail.</summary>
    public int Draw(BatchView batch, int context, int draw)
    {
        if (IsWhole)
            return draw;
        return _isShared != 0
            ? DeviceDraws.Below(batch.Seed, RandomPurpose.SharedTail, batch.Step, 0, draw, Catalogue)
            : Own(batch, context, draw);
    }

    /// <summary>A draw of the context's own that is not of its tail, for when no draw of that is outside the head.</summary>
    public int Rescue(BatchView batch, int context, int number) => Own(batch, context, _isShared != 0 ? number : Draws + number);

    private int Own(BatchView batch, int context, int draw) =>
        DeviceDraws.Below(batch.Seed, RandomPurpose.Proposal, batch.Step, context, draw, Catalogue);
}

/// <summary>How many items the strata of one context have.</summary>
internal struct StrataCounts
{
    /// <summary>|H|.</summary>
    public int Head;

    /// <summary>How many of them were retrieved; they come first.</summary>
    public int Retrieved;

    /// <summary>l'.</summary>
    public int Tail;

    /// <summary>1 where the tail is all that is outside the head, each item once; else 0.</summary>
    public int IsWhole;
}

/// <summary>A part of a context's strata: neighbouring slots.</summary>
internal readonly struct StrataPart
{
    /// <summary>The part that the running group takes, of <see cref="StrataShape.Parts"/> for each context.</summary>
    public StrataPart(StrataShape shape, ArrayView<StrataCounts> counts)
    {
        Position = Grid.IdxX / shape.Parts;
        int part = Grid.IdxX % shape.Parts;
        IsTail = part >= shape.HeadParts ? 1 : 0;
        int first = (IsTail != 0 ? part - shape.HeadParts : part) * SampledShape.Part;
        StrataCounts own = counts[Position];
        Count = Math.Min(SampledShape.Part, (IsTail != 0 ? own.Tail : own.Head) - first);
        Given = IsTail != 0 ? 0 : Math.Max(0, own.Retrieved - first);
        First = ((long)Position * shape.Slots) + (IsTail != 0 ? shape.HeadCapacity : 0) + first;
    }

    /// <summary>Position of the context in the batch.</summary>
    public int Position { get; }

    /// <summary>1 where the part is of the tail; else 0.</summary>
    public int IsTail { get; }

    /// <summary>The first slot, counted over the batch.</summary>
    public long First { get; }

    /// <summary>Items of the part; none where it is 0 or less.</summary>
    public int Count { get; }

    /// <summary>How many of its first items came with their scores.</summary>
    public int Given { get; }
}
