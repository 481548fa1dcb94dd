using KernelPolicy.Data;
using KernelPolicy.Kernels;
using KernelPolicy.Policy;

namespace KernelPolicy.EstimatorComparison.Problems;

/// <summary>Training and test contexts over one catalogue.</summary>
/// <param name="Name">The name that results have for it.</param>
/// <param name="Items">β [P, L]; disposed with the problem.</param>
/// <param name="Train">Contexts to train on.</param>
/// <param name="Test">Contexts to measure the reward on; null where there are none.</param>
internal sealed record ComparedProblem(string Name, Matrix Items, TrainingProblem Train, TrainingProblem? Test) : IDisposable
{
    private const int Rank = 64;

    /// <summary>Interactions by the protocol of the tool: users 80/10/10, β a truncated SVD of the training users' histories, 64
    /// dimensions.</summary>
    /// <param name="name">The name that results have for it.</param>
    /// <param name="files">Files that the tool reads without options.</param>
    /// <param name="seed">Seed of the split and of the SVD.</param>
    /// <param name="team">Threads.</param>
    public static ComparedProblem Read(string name, IReadOnlyList<string> files, ulong seed, WorkerTeam team)
    {
        InteractionOptions reading = new() { Threads = team.Threads, MinUserInteractions = 4 };
        if (files.All(file => file.Contains("sessions", StringComparison.Ordinal)))
            reading = reading with { Format = InteractionFormat.Sessions };
        Interactions interactions = InteractionReader.Read(files, reading);
        SessionSplit split = SessionSplit.Create(interactions, seed);
        Matrix items = TruncatedSvd.Compute(
            TrainingMatrix.Build(split.Train, EmbeddingSource.Histories), split.ItemCount, new SvdOptions { Rank = Rank, Seed = seed },
            team).ItemFactors;
        return new ComparedProblem(
            name, items,
            TrainingProblem.SessionCompletion(items, split.Train.Histories, split.Train.Rewarded),
            TrainingProblem.SessionCompletion(items, split.Test.Histories, split.Test.Rewarded));
    }

    /// <summary>The catalogue of `kernelpolicy bench`, of any size.</summary>
    public static ComparedProblem Draw(int items, int dimension, int contexts, ulong seed, WorkerTeam team)
    {
        const int itemsPerHalf = 10;
        SyntheticWorkload workload = SyntheticWorkload.Create(items, dimension, contexts, itemsPerHalf, itemsPerHalf, seed, team);
        return new ComparedProblem(
            $"synthetic-{items}x{dimension}", workload.Items,
            TrainingProblem.SessionCompletion(workload.Items, workload.Histories, workload.Rewarded), null);
    }

    /// <inheritdoc/>
    public void Dispose() => Items.Dispose();
}
