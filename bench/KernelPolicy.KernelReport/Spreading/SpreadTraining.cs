using KernelPolicy.Distributed;
using KernelPolicy.KernelReport.Scaling;

namespace KernelPolicy.KernelReport.Spreading;

/// <summary>A training of P items and N contexts on n machines of one kind, by what one of them was measured to do.</summary>
/// <param name="Retrieval">Seconds of a context's top K at P items.</param>
/// <param name="Rest">Seconds of all else.</param>
/// <param name="Memory">What is kept.</param>
/// <param name="Items">P.</param>
/// <param name="Contexts">N.</param>
internal sealed record SpreadTraining(FittedCost Retrieval, FittedCost Rest, TrainingMemory Memory, double Items, double Contexts)
{
    /// <summary>Batches are whole multiples of what was measured.</summary>
    private int Unit => (int)Memory.BatchSize;

    /// <summary>What a context costs a machine that has so many items.</summary>
    public ContextCost Cost(double items) => new(Retrieval.At(items), Rest.At(items));

    /// <summary>Bytes of a machine where contexts are spread: all items and their graph, and its part of the contexts.</summary>
    public double ContextsSpreadMemory(int machines) => Memory.Total(Items, Memory.GraphItem, Contexts / machines);

    /// <summary>Bytes of a machine where items are spread: its part of them and of the graph, all contexts, and its own part of their
    /// items a second time.</summary>
    public double ItemsSpreadMemory(int machines)
    {
        double offsets = 2 * sizeof(long);
        double own = machines == 1 ? 0 : Contexts * (offsets + ((Memory.Context - offsets) / machines));
        return Memory.Total(Items / machines, Memory.GraphItem, Contexts) + own;
    }

    /// <summary>The step at the smallest batch, in units of what was measured, at which a machine waits for less than a share; B with it. Where
    /// there is none, at the largest that the model looks at.</summary>
    public (int? BatchSize, SpreadStep Step) ContextsSpread(SpreadModel model, double share) =>
        At(size => model.ContextsSpread(Cost(Items), size), share);

    /// <summary>The same where items are spread.</summary>
    public (int? BatchSize, SpreadStep Step) ItemsSpread(SpreadModel model, double share) =>
        At(size => model.ItemsSpread(Cost(Items / model.Ranks), size), share);

    private (int? BatchSize, SpreadStep Step) At(Func<int, SpreadStep> step, double share)
    {
        int? units = SpreadModel.BatchSizeBelow(count => step(count * Unit), share);
        return units is { } enough ? (enough * Unit, step(enough * Unit)) : (null, step(LargestUnits * Unit));
    }

    private const int LargestUnits = 1 << 10;
}
