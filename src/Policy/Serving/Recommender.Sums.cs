namespace KernelPolicy.Policy;

/// <content>What one of several recommenders, each over a part of the items, adds to a context that is made of them all.</content>
public sealed partial class Recommender
{
    /// <summary>Adds up β over the items of a history, or what their codes stand for: divided by their number it is the context of
    /// <see cref="RecommendTo(ReadOnlySpan{int}, Span{int}, Span{float}, RecommendationScope)"/>, bit for bit.</summary>
    /// <param name="history">Items, of which one that stands twice counts twice.</param>
    /// <param name="sum">Receives the sum [L]; zero where there are no items.</param>
    /// <exception cref="ArgumentException">The sum has another length, or an item is none of the catalogue.</exception>
    /// <exception cref="ObjectDisposedException">The recommender is disposed.</exception>
    public void SumItems(ReadOnlySpan<int> history, Span<float> sum)
    {
        if (sum.Length != Dimension)
            throw new ArgumentException($"There is room for {sum.Length} numbers; items have {Dimension}.", nameof(sum));
        using Request request = new(this);
        _projection.SetSum(history, request.State.Catalogue.Index, request.Scratch);
        request.Scratch.Context.Row(0).CopyTo(sum);
    }
}
