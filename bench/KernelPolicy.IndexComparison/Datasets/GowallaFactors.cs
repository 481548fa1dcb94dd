using KernelPolicy.Data;
using KernelPolicy.Kernels;
using KernelPolicy.Policy;

namespace KernelPolicy.IndexComparison.Datasets;

/// <summary>
/// Items and queries of real interactions, made as a training makes them: β = V·Σ^p of the training users' histories, and
/// the contexts x of test users, which are the queries h = xΘ of a policy before its first step (Θ = I).
/// </summary>
internal static class GowallaFactors
{
    private const int Rank = 64;
    private const ulong Seed = 1;

    /// <summary>Decomposes; the caller disposes both.</summary>
    /// <param name="files">Interactions.</param>
    /// <param name="singularPower">p: 0 gives V, as the paper's authors use it, 1 gives VΣ.</param>
    /// <param name="queries">Q, at most the test users.</param>
    /// <param name="team">Threads.</param>
    public static (Matrix Items, Matrix Queries) Create(
        IReadOnlyList<string> files, float singularPower, int queries, WorkerTeam team)
    {
        Interactions interactions = InteractionReader.Read(files, new InteractionOptions { Threads = team.Threads });
        SessionSplit split = SessionSplit.Create(interactions, Seed);
        SvdResult svd = TruncatedSvd.Compute(
            TrainingMatrix.Build(split.Train, EmbeddingSource.Histories),
            split.ItemCount,
            new SvdOptions { Rank = Rank, SingularPower = singularPower, Seed = Seed },
            team);
        IContextSource contexts = TrainingProblem.SessionCompletion(
            svd.ItemFactors, split.Test.Histories, split.Test.Rewarded).Contexts;
        Matrix rows = new(Math.Min(queries, contexts.Count), contexts.Dimension);
        for (int i = 0; i < rows.Rows; i++)
            contexts.Fill(i, rows, i);
        return (svd.ItemFactors, rows);
    }
}
