using System.Numerics.Tensors;
using KernelPolicy.Kernels;

namespace KernelPolicy.Policy;

/// <summary>
/// A model that is a function of w·φ, φ = [1, x, β_a, x∘β_a]: for a fixed context an affine function of β_a, c(x) + v(x)·β_a, so
/// that each item costs one inner product.
/// </summary>
/// <remarks>
/// <para>x∘β multiplies column by column: column l of contexts must say something of column l of items, as where both come from one
/// SVD. Of features that merely have the same number a model learns x and β apart.</para>
/// <para>Immutable; safe for concurrent calls; allocates nothing when asked, once each thread has asked some model.</para>
/// </remarks>
public abstract unsafe class LinearRewardModel : IRewardModel
{
    [ThreadStatic]
    private static Scratch? _scratch;
    private static long _models;

    private readonly Matrix _items;
    private readonly IContextSource _contexts;
    private readonly double[] _coefficients;
    private readonly long _number = Interlocked.Increment(ref _models);

    private protected LinearRewardModel(Matrix items, IContextSource contexts, double[] coefficients)
    {
        (_items, _contexts, _coefficients) = (items, contexts, coefficients);
    }

    /// <inheritdoc/>
    public int Count => _contexts.Count;

    /// <summary>w [1 + 3L], in the order of φ.</summary>
    public ReadOnlySpan<double> Coefficients => _coefficients;

    /// <inheritdoc/>
    public void Predict(int context, ReadOnlySpan<int> items, Span<float> rewards)
    {
        if (items.IsEmpty)
            return;
        if (TensorPrimitives.Min(items) < 0 || TensorPrimitives.Max(items) >= _items.Rows)
            throw new ArgumentException($"An item is none of 0 to {_items.Rows - 1}.", nameof(items));
        Scratch scratch = _scratch is { } known && known.Dimension == _items.Columns ? known : _scratch = new Scratch(_items.Columns);
        if (scratch.Model != _number || scratch.Context != context)
        {
            scratch.Model = 0;
            _contexts.Fill(context, scratch.X, 0);
            scratch.Constant = Affine(scratch.X.Row(0), scratch.Slope.Row(0));
            (scratch.Model, scratch.Context) = (_number, context);
        }

        Span<float> predicted = rewards[..items.Length];
        RowScores.Gather(scratch.Slope.Pointer, _items, items, predicted);
        TensorPrimitives.Add(predicted, scratch.Constant, predicted);
        Respond(predicted);
    }

    /// <summary>Writes v(x) [L] and returns c(x), with w·φ(x, a) = c(x) + v(x)·β_a for every item.</summary>
    /// <param name="x">A context [L], of the log or not.</param>
    /// <param name="slope">Receives v(x) [L].</param>
    /// <exception cref="ArgumentException">A length is not L.</exception>
    public float Affine(ReadOnlySpan<float> x, Span<float> slope)
    {
        int dimension = _items.Columns;
        if (x.Length != dimension || slope.Length != dimension)
            throw new ArgumentException($"A context of {x.Length} and room for {slope.Length} numbers: both must be {dimension}.", nameof(x));
        ReadOnlySpan<double> ofContext = _coefficients.AsSpan(1, dimension), ofItem = _coefficients.AsSpan(1 + dimension, dimension);
        ReadOnlySpan<double> ofBoth = _coefficients.AsSpan(1 + (2 * dimension), dimension);
        double constant = _coefficients[0];
        for (int l = 0; l < dimension; l++)
        {
            constant += ofContext[l] * x[l];
            slope[l] = (float)(ofItem[l] + (ofBoth[l] * x[l]));
        }

        return (float)constant;
    }

    /// <summary>Turns w·φ into the reward, in place.</summary>
    private protected abstract void Respond(Span<float> linear);

    /// <summary>c and v of the context that a thread asked for last: a context is asked for in many blocks of items.</summary>
    private sealed class Scratch(int dimension)
    {
        public int Dimension => X.Columns;

        public Matrix X { get; } = new(1, dimension);

        public Matrix Slope { get; } = new(1, dimension);

        public float Constant { get; set; }

        public long Model { get; set; }

        public int Context { get; set; }
    }
}
