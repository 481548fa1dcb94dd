namespace KernelPolicy.Policy;

/// <summary>
/// The coefficients by which an estimator made g of each context of a batch, c_a ≈ ∂J/∂f_a: items with a coefficient each and, for
/// methods that sum over the catalogue, a multiple of the whole softmax. What β's own gradient is made of.
/// </summary>
/// <remarks>
/// <para>With strata the coefficients are those of the plain estimate, c = e^f (r − r̄)/Ẑ for the head and (P − |H|)/l' times that for
/// the draws, with the estimator's Ẑ and r̄: unbiased as Ẑ is.</para>
/// <para>Different contexts may be written at once. Each grows to what it was asked to hold at most; nothing is allocated
/// thereafter.</para>
/// </remarks>
public sealed class CoefficientTable
{
    private readonly Slot[] _slots;

    /// <summary>Makes a table for batches of up to <paramref name="batchSize"/> contexts.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The batch size is less than 1.</exception>
    public CoefficientTable(int batchSize)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        _slots = new Slot[batchSize];
        for (int i = 0; i < batchSize; i++)
            _slots[i] = new Slot();
    }

    /// <summary>The largest batch, B.</summary>
    public int BatchSize => _slots.Length;

    /// <summary>The items of one context, in the order in which they were added; an item may come more than once.</summary>
    public ReadOnlySpan<int> Items(int position) => _slots[position].Items.AsSpan(0, _slots[position].Count);

    /// <summary>Their coefficients.</summary>
    public ReadOnlySpan<float> Coefficients(int position) => _slots[position].Coefficients.AsSpan(0, _slots[position].Count);

    /// <summary>What is added to the coefficient of every item a: Scale · e^{f_a − LogZ}. Scale 0 where nothing is.</summary>
    public (double LogZ, double Scale) Softmax(int position) => (_slots[position].LogZ, _slots[position].Scale);

    /// <summary>Forgets one context.</summary>
    internal void Clear(int position) =>
        (_slots[position].Count, _slots[position].LogZ, _slots[position].Scale) = (0, 0, 0);

    /// <summary>Adds items of one context.</summary>
    internal void Add(int position, ReadOnlySpan<int> items, ReadOnlySpan<float> coefficients)
    {
        Slot slot = _slots[position];
        slot.Reserve(slot.Count + items.Length);
        items.CopyTo(slot.Items.AsSpan(slot.Count));
        coefficients[..items.Length].CopyTo(slot.Coefficients.AsSpan(slot.Count));
        slot.Count += items.Length;
    }

    /// <summary>Adds a multiple of the whole softmax of one context.</summary>
    internal void AddSoftmax(int position, double logZ, double scale) => (_slots[position].LogZ, _slots[position].Scale) = (logZ, scale);

    private sealed class Slot
    {
        public int[] Items { get; private set; } = [];

        public float[] Coefficients { get; private set; } = [];

        public int Count { get; set; }

        public double LogZ { get; set; }

        public double Scale { get; set; }

        public void Reserve(int count)
        {
            if (Items.Length >= count)
                return;
            int[] items = new int[Math.Max(count, 2 * Items.Length)];
            float[] coefficients = new float[items.Length];
            Items.AsSpan(0, Count).CopyTo(items);
            Coefficients.AsSpan(0, Count).CopyTo(coefficients);
            (Items, Coefficients) = (items, coefficients);
        }
    }
}
