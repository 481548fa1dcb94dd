namespace KernelPolicy.Index;

/// <summary>
/// Something that any number of readers use and the last of them frees. Made with one count, its maker's.
/// </summary>
/// <remarks>
/// <para>A reader finds the object through a reference that a writer may replace at any time, so it may come when the last
/// count has just gone. <see cref="TryAcquire"/> therefore never counts up from zero: what is being freed stays so, and the
/// reader looks at the reference again, which has been replaced by then, since the maker gives its count back only after
/// that. The count itself lies in memory that the garbage collector keeps while anyone can look at it.</para>
/// <para>No locks: a reader that is interrupted holds up nobody, but keeps its object alive.</para>
/// </remarks>
internal abstract class Counted
{
    private int _count = 1;

    /// <summary>Counts one reader more, unless the last has left.</summary>
    public bool TryAcquire()
    {
        int count = Volatile.Read(ref _count);
        while (count > 0)
        {
            int before = Interlocked.CompareExchange(ref _count, count + 1, count);
            if (before == count)
                return true;
            count = before;
        }

        return false;
    }

    /// <summary>Counts one reader more for one who holds a count already.</summary>
    public void Acquire()
    {
        if (!TryAcquire())
            throw new InvalidOperationException("It has been freed.");
    }

    /// <summary>Gives a count back; the last frees.</summary>
    public void Release()
    {
        if (Interlocked.Decrement(ref _count) == 0)
            Free();
    }

    /// <summary>Called once, by whoever leaves last.</summary>
    protected abstract void Free();
}
