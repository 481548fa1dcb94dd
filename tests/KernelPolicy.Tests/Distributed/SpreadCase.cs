using KernelPolicy.Distributed;
using KernelPolicy.Index;
using KernelPolicy.Kernels;
using KernelPolicy.Policy;
using KernelPolicy.Tests.Training;

namespace KernelPolicy.Tests.Distributed;

/// <summary>The two clusters of <see cref="SmallProblem"/> as one rank has them: its own rows, and problems over shards.</summary>
internal sealed class SpreadCase : IDisposable
{
    public SpreadCase(ICommunicator communicator, SmallProblem whole, int batchSize, int threads = 1)
    {
        (Communicator, Team) = (communicator, new WorkerTeam(threads));
        ItemShards shards = new(SmallProblem.Items, communicator.Size);
        OwnItems = ShardParts.Rows(whole.Factors, shards[communicator.Rank]);
        Spread = new SpreadItems(communicator, shards, OwnItems, Team);
        OwnIndex = new ExactIndex(OwnItems);
        Index = Spread.Index(OwnIndex);
        Train = Problem(whole.Train, batchSize);
        Validation = Problem(whole.Validation, batchSize);
    }

    public ICommunicator Communicator { get; }

    public WorkerTeam Team { get; }

    public Matrix OwnItems { get; }

    public SpreadItems Spread { get; }

    public ExactIndex OwnIndex { get; }

    public ShardedIndex Index { get; }

    public TrainingProblem Train { get; }

    public TrainingProblem Validation { get; }

    public ShardedStrataEstimator Estimator(StrataOptions options, int batchSize, ulong seed = 1) =>
        Spread.Estimator(Train, options, batchSize, seed, OwnIndex);

    public void Dispose()
    {
        Index.Dispose();
        OwnIndex.Dispose();
        Spread.Dispose();
        OwnItems.Dispose();
        Team.Dispose();
    }

    private TrainingProblem Problem(TrainingProblem whole, int batchSize) => Spread.SessionCompletion(
        ((HistoryContexts)whole.Contexts).Histories,
        SparseRows.FromLists([.. Enumerable.Range(0, whole.Rewards.Count).Select(context => whole.Rewards.RewardedItems(context).ToArray())]), batchSize);
}
