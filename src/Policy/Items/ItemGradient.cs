using KernelPolicy.Kernels;

namespace KernelPolicy.Policy;

/// <summary>
/// The gradient of a batch in the rows of β that it touches: ∂J/∂β_a = (1/B) Σ_i c_ia h_i and, where it flows through contexts that
/// are means over histories, (1/B) Σ_{i: a ∈ X_i} (1/|X_i|) g_i Θᵀ besides.
/// </summary>
/// <remarks>
/// Terms are gathered context by context and then grouped by item, in an order that depends on the batch alone, so that a row is
/// the same sum at any number of threads. Costs O(terms) and L operations a term, and memory of one number an item of the
/// catalogue; where a method sums over the catalogue (exact, REINFORCE), 4·B·P·L operations. Grows to the largest batch, then
/// allocates nothing. <see cref="AddRow"/> alone may run on several threads.
/// </remarks>
internal sealed unsafe class ItemGradient : IDisposable
{
    private readonly Matrix _items;
    private readonly HistoryContexts? _histories;
    private readonly int _batchSize;

    // h of each context and, B rows further on, what flows into the items of its history.
    private readonly Matrix _vectors;
    private readonly Projection _projection = new();
    private readonly Matrix? _transposed;
    private readonly Matrix? _flows;
    private readonly int[] _slotOf;
    private readonly int[] _batchRows;
    private readonly double[] _logZ;
    private readonly double[] _scales;
    private readonly float[][] _scores;
    private int[] _touched = [];
    private int[] _ends = [];
    private int[] _termItems = [];
    private int[] _termRows = [];
    private float[] _termCoefficients = [];
    private int[] _rows = [];
    private float[] _coefficients = [];
    private int _terms;
    private int _batch;
    private bool _isDense;

    /// <summary>Makes room for batches.</summary>
    /// <param name="items">β [P, L].</param>
    /// <param name="histories">The contexts, where the gradient flows through them; else null.</param>
    /// <param name="thetaRows">L of the contexts.</param>
    /// <param name="batchSize">The largest batch, B.</param>
    /// <param name="threads">Threads that may ask for rows.</param>
    public ItemGradient(Matrix items, HistoryContexts? histories, int thetaRows, int batchSize, int threads)
    {
        (_items, _histories, _batchSize) = (items, histories, batchSize);
        _vectors = new Matrix(2L * batchSize, items.Columns);
        if (histories is not null)
            (_transposed, _flows) = (new Matrix(items.Columns, thetaRows), new Matrix(batchSize, thetaRows));
        _slotOf = new int[items.Rows];
        Array.Fill(_slotOf, -1);
        _batchRows = [.. Enumerable.Range(0, batchSize)];
        (_logZ, _scales) = (new double[batchSize], new double[batchSize]);
        _scores = [.. Enumerable.Range(0, threads).Select(_ => new float[batchSize])];
    }

    /// <summary>The items that have a gradient, each once.</summary>
    public ReadOnlySpan<int> Touched => _touched.AsSpan(0, TouchedCount);

    /// <summary>Their number.</summary>
    public int TouchedCount { get; private set; }

    /// <summary>Takes a batch.</summary>
    /// <param name="coefficients">c of each context.</param>
    /// <param name="batch">h of each context.</param>
    /// <param name="gradients">G/B [B, L], of which what flows into histories is made.</param>
    /// <param name="theta">Θ, by which h was made.</param>
    /// <param name="team">Threads to use.</param>
    public void Collect(CoefficientTable coefficients, EstimatorBatch batch, Matrix gradients, Matrix theta, WorkerTeam team)
    {
        Forget();
        _batch = batch.Count;
        float share = 1f / batch.Count;
        for (int i = 0; i < batch.Count; i++)
        {
            batch.Projected.PaddedRow(i).CopyTo(_vectors.PaddedRow(i));
            (_logZ[i], double scale) = coefficients.Softmax(i);
            _scales[i] = scale * share;
            _isDense |= scale != 0;
            Append(coefficients.Items(i), coefficients.Coefficients(i), share, i);
        }

        if (_histories is not null)
            AppendHistories(batch, gradients, theta, team);
        Group();
    }

    /// <summary>Adds the gradient of one touched item to a padded row of zeros.</summary>
    /// <param name="index">Place of the item in <see cref="Touched"/>.</param>
    /// <param name="worker">Which thread asks.</param>
    /// <param name="sum">The row.</param>
    public void AddRow(int index, int worker, float* sum)
    {
        int first = index == 0 ? 0 : _ends[index - 1], count = _ends[index] - first;
        WeightedRows.Accumulate(_vectors, _rows.AsSpan(first, count), _coefficients.AsSpan(first, count), sum);
        if (!_isDense)
            return;
        Span<float> weights = _scores[worker].AsSpan(0, _batch);
        ReadOnlySpan<int> contexts = _batchRows.AsSpan(0, _batch);
        RowScores.Gather(_items.RowPointer(_touched[index]), _vectors, contexts, weights);
        for (int i = 0; i < weights.Length; i++)
            weights[i] = (float)(_scales[i] * Math.Exp(weights[i] - _logZ[i]));
        WeightedRows.Accumulate(_vectors, contexts, weights, sum);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _vectors.Dispose();
        _transposed?.Dispose();
        _flows?.Dispose();
    }

    private void Forget()
    {
        foreach (int item in Touched)
            _slotOf[item] = -1;
        (TouchedCount, _terms, _isDense) = (0, 0, false);
    }

    private void AppendHistories(EstimatorBatch batch, Matrix gradients, Matrix theta, WorkerTeam team)
    {
        Tables.Transpose(theta, _transposed!);
        _projection.Run(gradients, _transposed!, _flows!, batch.Count, team);
        for (int i = 0; i < batch.Count; i++)
        {
            _flows!.PaddedRow(i).CopyTo(_vectors.PaddedRow(_batchSize + i));
            ReadOnlySpan<int> history = _histories!.Histories[batch.Contexts[i]];
            for (int j = 0; j < history.Length; j++)
                Append(history[j], 1f / history.Length, _batchSize + i);
        }
    }

    private void Append(ReadOnlySpan<int> items, ReadOnlySpan<float> coefficients, float share, int row)
    {
        for (int j = 0; j < items.Length; j++)
        {
            // A coefficient of zero, such as that of an unrewarded item in a context without reward, touches nothing.
            if (coefficients[j] != 0)
                Append(items[j], coefficients[j] * share, row);
        }
    }

    private void Append(int item, float coefficient, int row)
    {
        if (_terms == _termItems.Length)
        {
            int capacity = Math.Max(1024, 2 * _terms);
            Array.Resize(ref _termItems, capacity);
            Array.Resize(ref _termRows, capacity);
            Array.Resize(ref _termCoefficients, capacity);
        }

        (_termItems[_terms], _termRows[_terms], _termCoefficients[_terms]) = (item, row, coefficient);
        _terms++;
    }

    private void Group()
    {
        ReserveGroups();
        if (_isDense)
        {
            TouchedCount = _slotOf.Length;
            for (int item = 0; item < _slotOf.Length; item++)
                (_slotOf[item], _touched[item], _ends[item]) = (item, item, 0);
        }

        for (int t = 0; t < _terms; t++)
        {
            ref int slot = ref _slotOf[_termItems[t]];
            if (slot < 0)
            {
                slot = TouchedCount++;
                (_touched[slot], _ends[slot]) = (_termItems[t], 0);
            }

            _ends[slot]++;
        }

        // From the counts where each group starts; filling a group then moves its start to its end.
        int start = 0;
        for (int slot = 0; slot < TouchedCount; slot++)
            (_ends[slot], start) = (start, start + _ends[slot]);
        for (int t = 0; t < _terms; t++)
        {
            int place = _ends[_slotOf[_termItems[t]]]++;
            (_rows[place], _coefficients[place]) = (_termRows[t], _termCoefficients[t]);
        }
    }

    private void ReserveGroups()
    {
        if (_rows.Length < _termItems.Length)
            (_rows, _coefficients) = (new int[_termItems.Length], new float[_termItems.Length]);
        int groups = _isDense ? _slotOf.Length : Math.Min(_slotOf.Length, _termItems.Length);
        if (_touched.Length < groups)
            (_touched, _ends) = (new int[groups], new int[groups]);
    }
}
