namespace KernelPolicy.Kernels;

/// <summary>
/// Adam on some rows of a table: those that a step has a gradient for. Ascends, as <see cref="Adam"/> does.
/// </summary>
/// <remarks>
/// <para>The lazy variant, as torch.optim.SparseAdam: a row that a step does not touch keeps its values and moments, where Adam
/// would let both moments decay and go on moving the row by what is left of the first. The corrections 1 − β^t count the steps
/// of the training, not those of the row, so that a row first touched late takes a first step of α (1 − β1)/√(1 − β2) (3.2 α
/// with the usual constants) and not α. Where every row is touched in every step it is Adam.</para>
/// <para>Different rows may be updated at once. Elementwise, hence the same at any number of threads.</para>
/// </remarks>
public sealed unsafe class LazyAdam : IDisposable
{
    private readonly AdamOptions _options;
    private AdamUpdate _update;

    /// <summary>Makes the optimiser of a table of the given shape, its moments zero.</summary>
    /// <exception cref="ArgumentException">A constant or a size is out of range.</exception>
    public LazyAdam(long rows, int columns, AdamOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        _options = options;
        FirstMoment = new Matrix(rows, columns);
        SecondMoment = new Matrix(rows, columns);
    }

    /// <summary>m.</summary>
    public Matrix FirstMoment { get; }

    /// <summary>v.</summary>
    public Matrix SecondMoment { get; }

    /// <summary>Begins step <paramref name="t"/>, before its rows are updated.</summary>
    /// <param name="learningRate">α of this step.</param>
    /// <param name="t">Number of this step, from 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">t is less than 1.</exception>
    public void Begin(double learningRate, long t)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(t, 1);
        _update = new AdamUpdate(_options, learningRate, t);
    }

    /// <summary>Updates one row, at most once a step.</summary>
    /// <param name="table">The table, of the shape of the moments.</param>
    /// <param name="row">Which row.</param>
    /// <param name="gradient">∂J of that row, padded.</param>
    /// <exception cref="ArgumentException">There is no such row.</exception>
    public void UpdateRow(Matrix table, long row, float* gradient)
    {
        ArgumentNullException.ThrowIfNull(table);
        if (table.Columns != FirstMoment.Columns)
            throw new ArgumentException($"The table has {table.Columns} columns, its moments {FirstMoment.Columns}.", nameof(table));
        _update.Apply(table.RowPointer(row), gradient, FirstMoment.RowPointer(row), SecondMoment.RowPointer(row), table.Stride);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        FirstMoment.Dispose();
        SecondMoment.Dispose();
    }
}
