using KernelPolicy.Index;
using KernelPolicy.Kernels;
using KernelPolicy.Policy;

namespace KernelPolicy.Distributed;

/// <summary>
/// A catalogue that lies in shards, one a rank, and what a training and an evaluation need of it: problems, estimator, index.
/// </summary>
/// <remarks>
/// <para>β and index are spread; contexts are not: every rank works on all contexts of a batch, and all have the same Θ after each step. The
/// ordinary <see cref="Trainer"/> and <see cref="PolicyEvaluator"/> run on every rank, on problems whose β is a shape:</para>
/// <code>
/// ItemShards shards = new(catalogue, communicator.Size);
/// using SpreadItems spread = new(communicator, shards, ownItems, team);
/// using ExactIndex ownIndex = new(ownItems);
/// using ShardedIndex index = spread.Index(ownIndex);
/// TrainingProblem train = spread.SessionCompletion(histories, rewarded, options.BatchSize);
/// using ShardedStrataEstimator estimator = spread.Estimator(train, new StrataOptions(), options.BatchSize, options.Seed, ownIndex);
/// using TrainingStep steps = new(train, estimator, theta, options.BatchSize, options.Adam, team);
/// using RankGroup group = new(communicator);
/// using Trainer trainer = new(train, steps, options, team, validation, index, group);
/// </code>
/// <para>The group has ranks stop together and rank 0 alone write checkpoints. What asks for values of β as a whole, as an audit of the
/// gradient does, gets an <see cref="InvalidOperationException"/>.</para>
/// <para>Collective: all ranks make the same things in the same order. Not thread-safe.</para>
/// </remarks>
public sealed class SpreadItems : IDisposable
{
    /// <summary>Of β in a message to rank 0: 4 MiB.</summary>
    private const int FloatsAtOnce = 1 << 20;

    private const string WhyEmpty = "β lies in shards, each with one rank: this needs it whole in one process.";

    private readonly ICommunicator _communicator;
    private readonly WorkerTeam _team;
    private readonly List<IDisposable> _made = [];

    /// <summary>Takes this rank's part.</summary>
    /// <param name="communicator">The ranks; it stays the caller's.</param>
    /// <param name="shards">Which items are whose.</param>
    /// <param name="ownItems">β of this rank's items [its shard's count, L]; it stays the caller's.</param>
    /// <param name="team">Threads to use.</param>
    /// <exception cref="ArgumentException">The parts do not fit.</exception>
    public SpreadItems(ICommunicator communicator, ItemShards shards, Matrix ownItems, WorkerTeam team)
    {
        ArgumentNullException.ThrowIfNull(team);
        Shard = ShardCheck.Own(communicator, shards, ownItems);
        (_communicator, Shards, OwnItems, _team) = (communicator, shards, ownItems, team);
        Items = Matrix.OfShape(shards.Items, ownItems.Columns, WhyEmpty);
    }

    /// <summary>Which items are whose.</summary>
    public ItemShards Shards { get; }

    /// <summary>This rank's.</summary>
    public ItemShard Shard { get; }

    /// <summary>β of this rank's items.</summary>
    public Matrix OwnItems { get; }

    /// <summary>The shape of β [P, L], without values: that of all problems and of the index.</summary>
    public Matrix Items { get; }

    /// <summary>Session completion: contexts are means of β over the histories, rewards 1 on the hidden items.</summary>
    /// <param name="histories">X of each session, by the items' numbers in the catalogue; the same on all ranks.</param>
    /// <param name="rewarded">Y of each session, rising; likewise.</param>
    /// <param name="batchSize">Contexts that are summed over ranks together: those of a batch.</param>
    /// <exception cref="ArgumentException">The parts do not fit each other, or name items that there are not.</exception>
    public TrainingProblem SessionCompletion(SparseRows histories, SparseRows rewarded, int batchSize)
    {
        ArgumentNullException.ThrowIfNull(rewarded);
        ShardRows.Check(rewarded, Shards.Items, "There is a reward for", nameof(rewarded));
        ShardedHistoryContexts contexts = new(_communicator, Shards, OwnItems, histories, batchSize);
        _made.Add(contexts);
        return Problem(contexts, new SessionReward(rewarded));
    }

    /// <summary>A problem of contexts that every rank has, or that sum themselves over ranks.</summary>
    /// <param name="contexts">The contexts x; the same on all ranks.</param>
    /// <param name="rewards">r̂ of the same contexts, by the items' numbers in the catalogue; the same on all ranks.</param>
    /// <exception cref="ArgumentException">The parts do not fit each other.</exception>
    public TrainingProblem Problem(IContextSource contexts, IRewardSource rewards) =>
        new(Items, contexts, rewards) { Sample = new ShardSample(_communicator, Shard, OwnItems, contexts) };

    /// <summary>The estimator of this rank.</summary>
    /// <param name="problem">A problem made here.</param>
    /// <param name="options">The strata of the whole catalogue; see <see cref="ShardedStrataEstimator"/>.</param>
    /// <param name="batchSize">The largest batch, B.</param>
    /// <param name="seed">Seed of the draws; the same on all ranks.</param>
    /// <param name="ownIndex">The index over <see cref="OwnItems"/>; null where K is 0.</param>
    /// <exception cref="ArgumentException">A parameter is out of range, or the problem is of other items.</exception>
    public ShardedStrataEstimator Estimator(
        TrainingProblem problem, StrataOptions options, int batchSize, ulong seed, IMipsIndex? ownIndex = null)
    {
        ArgumentNullException.ThrowIfNull(problem);
        if (!ReferenceEquals(problem.Items, Items))
            throw new ArgumentException("The problem is of other items than these.", nameof(problem));
        EstimatorSetting setting = new(OwnItems, new ShardRewards(problem.Rewards, Shard), batchSize, seed, _team);
        return new ShardedStrataEstimator(_communicator, setting, options, ownIndex, problem.Contexts as ShardedHistoryContexts);
    }

    /// <summary>The index of all ranks, by which policies are evaluated and recommend.</summary>
    /// <param name="ownIndex">The index over <see cref="OwnItems"/>; it stays the caller's.</param>
    /// <exception cref="ArgumentException">It is over other items.</exception>
    public ShardedIndex Index(IMipsIndex ownIndex) => new(_communicator, Shards, ownIndex, Items);

    /// <summary>Writes the policy of a training to a file, from rank 0, which takes β from the others a part at a time.</summary>
    /// <remarks>Where rank 0 cannot write, the others wait for it: end them (<see cref="ICommunicator.Abort"/>).</remarks>
    /// <param name="path">Target; replaced by renaming. Read on rank 0 alone.</param>
    /// <param name="query">Θ [L, L] and, where there is one, b.</param>
    /// <param name="itemIds">The items' ids [P].</param>
    /// <param name="facts">Facts of the training.</param>
    /// <exception cref="ArgumentException">There is not one id an item.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void Save(string path, QueryMap query, IReadOnlyList<string> itemIds, IReadOnlyDictionary<string, string> facts)
    {
        ArgumentNullException.ThrowIfNull(itemIds);
        if (itemIds.Count != Shards.Items)
            throw new ArgumentException($"There are {itemIds.Count} ids for {Shards.Items} items.", nameof(itemIds));
        int rowsAtOnce = Math.Clamp(FloatsAtOnce / OwnItems.Stride, 1, Shards.Items);
        using ShardCollection collection = new(_communicator, Shards, OwnItems, rowsAtOnce);
        if (_communicator.Rank == 0)
        {
            PolicyFile.Save(path, query, itemIds, facts, collection.Rows, collection.Bring);
        }
        else
        {
            for (int first = 0; first < Shards.Items; first += rowsAtOnce)
                collection.Bring(first);
        }

        _communicator.Barrier();
    }

    /// <summary>Frees what the problems made here hold; the rest is its maker's.</summary>
    public void Dispose()
    {
        foreach (IDisposable one in _made)
            one.Dispose();
        _made.Clear();
    }
}
