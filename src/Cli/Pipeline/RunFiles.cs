using System.Text;
using KernelPolicy.Cli.Plots;
using KernelPolicy.Files;
using KernelPolicy.Index;
using KernelPolicy.Policy;

namespace KernelPolicy.Cli.Pipeline;

/// <summary>Writes what any training leaves in its folder.</summary>
internal static class RunFiles
{
    /// <summary>Writes the policy, the graph where there is one, the learning curve and the report.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="policy">The policy.</param>
    /// <param name="index">The index over its items, as searched at the end.</param>
    /// <param name="curve">The learning curve.</param>
    /// <param name="json">The report.</param>
    public static void Save(RunFolder folder, SoftmaxPolicy policy, IMipsIndex index, LearningCurve curve, string json)
    {
        PolicyFile.Save(folder.Policy, policy);
        SaveBeside(folder, index, curve, json);
    }

    /// <summary>Writes what lies beside the policy.</summary>
    /// <inheritdoc cref="Save" path="/param"/>
    public static void SaveBeside(RunFolder folder, IMipsIndex index, LearningCurve curve, string json)
    {
        // As searched at the end; where the guard fell back, the graph is not to be used for this policy. Nor is one over items
        // that moved: it is of others than those of the policy.
        if (((index as GuardedIndex)?.Graph ?? index as HnswIndex) is { } graph)
            graph.Save(folder.Index);
        else
            File.Delete(folder.Index);
        LearningCurvePlot.Save(curve, folder.CurvePng);
        LearningCurvePlot.Save(curve, folder.CurveSvg);
        AtomicFile.Write(folder.Report, stream => stream.Write(Encoding.UTF8.GetBytes(json + "\n")));
    }
}
