using KernelPolicy.Cli.Options;
using KernelPolicy.Cli.Pipeline;
using KernelPolicy.Index;

namespace KernelPolicy.Cli.Study;

/// <summary>The index of a method: the graph of the other commands, as they make it unless told otherwise.</summary>
internal static class StudyIndex
{
    private const int Links = 32;
    private const int EfConstruction = 100;
    private const int EfSearch = 64;

    /// <summary>The choice that stands for it.</summary>
    public static IndexChoice Choice(StudyMethod method) =>
        new(method.Index, HnswMetric.Automatic, Links, EfConstruction, EfSearch, EfSearchIsGiven: false);

    /// <summary>Whether a cell's steps on the processor search a graph.</summary>
    public static bool IsGraph(StudyCell cell) => cell.Method.Estimator.NeedsIndex && IndexFactory.IsGraph(
        Choice(cell.Method), cell.Catalogue.Items, cell.Dimension, Math.Min(cell.Method.Estimator.RetrievedItems, cell.Catalogue.Items));
}
