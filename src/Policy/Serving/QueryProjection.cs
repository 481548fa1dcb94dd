using System.Numerics.Tensors;
using KernelPolicy.Index;
using KernelPolicy.Kernels;

namespace KernelPolicy.Policy;

/// <summary>The query of one context, h = xΘ + b, on the calling thread.</summary>
/// <remarks>Immutable; any number of threads may use it at once. Rows of Θ are added in their order, so that equal contexts have
/// equal queries on one vector width; those of a batch (<see cref="MatrixProduct"/>) may differ by rounding.</remarks>
internal sealed unsafe class QueryProjection
{
    private readonly QueryMap _map;
    private readonly int[] _rows;
    private readonly float[] _ones;

    /// <summary>The projection by Θ [L, L] and b.</summary>
    public QueryProjection(QueryMap map)
    {
        _map = map;
        _rows = [.. Enumerable.Range(0, (int)map.Theta.Rows)];
        _ones = new float[Math.Max(1, Math.Min(256, _rows.Length * 4))];
        Array.Fill(_ones, 1);
    }

    /// <summary>L.</summary>
    public int Dimension => _map.Theta.Columns;

    /// <summary>Copies a context into the scratch.</summary>
    /// <exception cref="ArgumentException">It has another length, or a number that is not finite.</exception>
    public void SetContext(ReadOnlySpan<float> context, RecommenderScratch scratch)
    {
        if (context.Length != Dimension)
            throw new ArgumentException($"The context has {context.Length} numbers; the policy takes {Dimension}.", nameof(context));
        if (!TensorPrimitives.IsFiniteAll(context))
        {
            int at = 0;
            while (float.IsFinite(context[at]))
                at++;
            throw new ArgumentException($"Number {at} of the context is {context[at]}; all must be finite.", nameof(context));
        }

        context.CopyTo(scratch.Context.Row(0));
    }

    /// <summary>Makes the context of a history: the mean of β over its items, or of what their codes stand for; zero where there are
    /// none.</summary>
    /// <exception cref="ArgumentException">An item is not one of the catalogue.</exception>
    public void SetHistory(ReadOnlySpan<int> history, HnswIndex index, RecommenderScratch scratch)
    {
        SetSum(history, index, scratch);
        if (history.Length > 1)
        {
            Span<float> x = scratch.Context.PaddedRow(0);
            TensorPrimitives.Divide(x, history.Length, x);
        }
    }

    /// <summary>The same without the division: the sum of β over the items.</summary>
    /// <exception cref="ArgumentException">An item is not one of the catalogue.</exception>
    public void SetSum(ReadOnlySpan<int> history, HnswIndex index, RecommenderScratch scratch)
    {
        Matrix items = index.Items;
        foreach (int item in history)
        {
            if ((uint)item >= items.Rows)
                throw new ArgumentException($"The history names item {item}; items are 0 to {items.Rows - 1}.", nameof(history));
        }

        Span<float> x = scratch.Context.PaddedRow(0);
        x.Clear();
        if (items.HasValues)
            Add(history, items, scratch.Context.Pointer);
        else
            AddDecoded(history, index, x, scratch.Query.PaddedRow(0));
    }

    private void Add(ReadOnlySpan<int> history, Matrix items, float* sum)
    {
        for (int first = 0; first < history.Length; first += _ones.Length)
            WeightedRows.Accumulate(items, history.Slice(first, Math.Min(_ones.Length, history.Length - first)), _ones, sum);
    }

    private static void AddDecoded(ReadOnlySpan<int> history, HnswIndex index, Span<float> sum, Span<float> one)
    {
        foreach (int item in history)
        {
            index.CopyVector(item, one);
            TensorPrimitives.Add(sum[..index.Items.Columns], one[..index.Items.Columns], sum);
        }
    }

    /// <summary>h of the scratch's context, into the scratch.</summary>
    /// <exception cref="ArgumentException">A number of h is not finite: the context is too large for Θ.</exception>
    public void Project(RecommenderScratch scratch)
    {
        Span<float> h = scratch.Query.PaddedRow(0);
        if (_map.Bias is { } bias)
            bias.PaddedRow(0).CopyTo(h);
        else
            h.Clear();
        WeightedRows.Accumulate(_map.Theta, _rows, scratch.Context.Row(0), scratch.Query.Pointer);
        if (!TensorPrimitives.IsFiniteAll<float>(h))
        {
            float largest = TensorPrimitives.MaxMagnitude<float>(scratch.Context.Row(0));
            throw new ArgumentException($"The query xΘ is not finite: the context, with numbers of up to {largest}, is too large.");
        }
    }
}
