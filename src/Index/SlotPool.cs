namespace KernelPolicy.Index;

/// <summary>Lends objects to one borrower at a time, without locks and, while borrowers do not outnumber the slots,
/// without allocation once they exist.</summary>
internal sealed class SlotPool<T>(Func<T> create, Action<T>? destroy = null) : IDisposable
    where T : class
{
    private const int Slots = 64;

    // Slots lie in cache lines of their own, and every processor begins at its own one: it finds there what it used last, and takes no
    // line from another.
    private const int Stride = 8;

    private readonly Slot[] _slots = new Slot[(Slots + 1) * Stride];

    public T Rent()
    {
        int home = Thread.GetCurrentProcessorId();
        for (int i = 0; i < Slots; i++)
        {
            ref T? slot = ref At(home + i);
            if (Volatile.Read(ref slot) is not null && Interlocked.Exchange(ref slot, null) is { } found)
                return found;
        }

        return create();
    }

    public void Return(T item)
    {
        int home = Thread.GetCurrentProcessorId();
        for (int i = 0; i < Slots; i++)
        {
            ref T? slot = ref At(home + i);
            if (Volatile.Read(ref slot) is null && Interlocked.CompareExchange(ref slot, item, null) is null)
                return;
        }

        destroy?.Invoke(item);
    }

    /// <summary>Sums something over the objects that are not lent.</summary>
    public long Sum(Func<T, long> value)
    {
        long sum = 0;
        for (int i = 0; i < Slots; i++)
            sum += At(i) is { } item ? value(item) : 0;
        return sum;
    }

    public void Dispose()
    {
        for (int i = 0; i < Slots; i++)
        {
            if (Interlocked.Exchange(ref At(i), null) is { } item)
                destroy?.Invoke(item);
        }
    }

    private ref T? At(int slot) => ref _slots[((slot & (Slots - 1)) + 1) * Stride].Item;

    // Not the objects themselves: an array of those checks the type of what it is given.
    private struct Slot
    {
        public T? Item;
    }
}
