namespace KernelPolicy.Index;

/// <summary>Lends objects to one borrower at a time, without locks and, while borrowers do not outnumber the slots,
/// without allocation once they exist.</summary>
internal sealed class SlotPool<T>(Func<T> create, Action<T>? destroy = null) : IDisposable
    where T : class
{
    private const int Slots = 64;

    private readonly T?[] _slots = new T?[Slots];

    public T Rent()
    {
        for (int i = 0; i < Slots; i++)
        {
            if (Volatile.Read(ref _slots[i]) is not null && Interlocked.Exchange(ref _slots[i], null) is { } found)
                return found;
        }

        return create();
    }

    public void Return(T item)
    {
        for (int i = 0; i < Slots; i++)
        {
            if (Volatile.Read(ref _slots[i]) is null && Interlocked.CompareExchange(ref _slots[i], item, null) is null)
                return;
        }

        destroy?.Invoke(item);
    }

    /// <summary>Sums something over the objects that are not lent.</summary>
    public long Sum(Func<T, long> value)
    {
        long sum = 0;
        foreach (T? item in _slots)
            sum += item is null ? 0 : value(item);
        return sum;
    }

    public void Dispose()
    {
        for (int i = 0; i < Slots; i++)
        {
            if (Interlocked.Exchange(ref _slots[i], null) is { } item)
                destroy?.Invoke(item);
        }
    }
}
