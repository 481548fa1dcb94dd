using KernelPolicy.Data;
using KernelPolicy.Distributed;
using KernelPolicy.Index;
using KernelPolicy.Kernels;
using KernelPolicy.Policy;

namespace KernelPolicy.Cli.Commands;

/// <summary>The items of a training as a process has them, and the problems that are made of them.</summary>
internal abstract class TrainedCatalogue : IDisposable
{
    /// <summary>β [P, L]; its shape alone where it lies in shards.</summary>
    public abstract Matrix Items { get; }

    /// <summary>What the ranks have of the items; null where each has all.</summary>
    public virtual SpreadItems? Shards => null;

    /// <summary>What this process trains on.</summary>
    public abstract TrainingProblem Train(SplitPart part, ContextShares shares, int batchSize);

    /// <summary>What this process watches progress by; null for nothing.</summary>
    public abstract TrainingProblem? Validation(SplitPart part);

    /// <summary>What this process takes its part in testing on; null where others test.</summary>
    public abstract TrainingProblem? Test(SplitPart part);

    /// <summary>The scan of all items.</summary>
    public abstract IMipsIndex Scan();

    /// <summary>Writes the policy.</summary>
    public abstract void Save(string path, QueryMap query, IReadOnlyList<string> itemIds, IReadOnlyDictionary<string, string> facts);

    /// <inheritdoc/>
    public abstract void Dispose();
}
