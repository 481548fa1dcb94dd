using System.Numerics;

namespace KernelPolicy.Index;

/// <summary>
/// Something that any number of readers use at once, for a few microseconds each, and that the last of them frees once its maker has
/// closed it.
/// </summary>
/// <remarks>
/// <para>A reader finds the object through a reference that a writer may replace at any time, so it may come when all is over:
/// <see cref="TryUse"/> then fails, and the reader looks at the reference again, which has been replaced by then. While somebody uses
/// it, others may begin to, closed or not.</para>
/// <para>Uses are counted in a cache line for each processor: one count for all would cost every request, at its start and at its end,
/// the time that a line takes from one processor to another, which is some percent of a search with two of them and most of it with
/// many. To close moves the counts to one that knows when it reaches zero; whoever leaves afterwards finds the line closed.</para>
/// <para>No locks: a reader that is interrupted holds up nobody, but keeps the object alive.</para>
/// </remarks>
internal abstract class Shared
{
    private const int Line = 64 / sizeof(int);
    private const int MostLines = 32;
    private const int Centrally = -1;

    // Far from any number of readers, so that what is added to either stays on its side of zero.
    private const int Closed = -(1 << 30);
    private const int Moving = 1 << 30;

    private static readonly int Lines = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Min(Environment.ProcessorCount, MostLines));

    // A line more: the first has the array's own length, which every reader reads.
    private readonly int[] _counts = new int[(Lines + 1) * Line];

    // The maker's, and when it is closed all others'.
    private int _central = 1;

    /// <summary>Begins a use, unless it is closed and the last has left.</summary>
    /// <param name="use">The use, to be disposed once; of no meaning where there is none.</param>
    public bool TryUse(out SharedUse use)
    {
        int line = Thread.GetCurrentProcessorId() & (Lines - 1);
        if (TryCount(ref CountOf(line), 0))
        {
            use = new SharedUse(this, line);
            return true;
        }

        use = new SharedUse(this, Centrally);
        return TryCount(ref _central, 1);
    }

    /// <summary>Frees it when the last of its readers leaves, at once where there are none. Called once, by the maker.</summary>
    public void Close()
    {
        // Whoever leaves in between must not find zero.
        Interlocked.Add(ref _central, Moving);
        for (int line = 0; line < Lines; line++)
            Interlocked.Add(ref _central, Interlocked.Exchange(ref CountOf(line), Closed));
        if (Interlocked.Add(ref _central, -Moving - 1) == 0)
            Free();
    }

    /// <summary>Ends a use.</summary>
    internal void End(int line)
    {
        if (line != Centrally && Interlocked.Decrement(ref CountOf(line)) >= 0)
            return;
        if (Interlocked.Decrement(ref _central) == 0)
            Free();
    }

    /// <summary>Called once, by whoever leaves last.</summary>
    protected abstract void Free();

    private static bool TryCount(ref int count, int least)
    {
        int seen = Volatile.Read(ref count);
        while (seen >= least)
        {
            int before = Interlocked.CompareExchange(ref count, seen + 1, seen);
            if (before == seen)
                return true;
            seen = before;
        }

        return false;
    }

    private ref int CountOf(int line) => ref _counts[(line + 1) * Line];
}

/// <summary>The use of something shared, from its start to its end. To be disposed once.</summary>
internal readonly struct SharedUse(Shared shared, int line) : IDisposable
{
    public void Dispose() => shared.End(line);
}
