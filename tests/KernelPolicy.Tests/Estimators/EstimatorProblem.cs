using KernelPolicy.Index;
using KernelPolicy.Kernels;
using KernelPolicy.Policy;
using KernelPolicy.Tests.Reference;
using KernelPolicy.Tests.Support;

namespace KernelPolicy.Tests.Estimators;

/// <summary>
/// A catalogue, contexts whose projections h are given, and a reward: what an estimator needs. Contexts are numbered from
/// 100 on, in steps of 3, so that a position in the batch is no context's number.
/// </summary>
internal sealed class EstimatorProblem : IDisposable
{
    public const ulong Seed = 0x5DEECE66DFUL;

    public EstimatorProblem(int catalogue, int dimension, int batch, double sharpness, bool sparse = false, int threads = 1)
    {
        Team = new WorkerTeam(threads);
        Items = Seeded.Matrix(1, catalogue, dimension);
        Projected = Seeded.Matrix(2, batch, dimension, sharpness / Math.Sqrt(dimension));
        Contexts = [.. Enumerable.Range(0, batch).Select(b => 100 + (3 * b))];
        Index = new ExactIndex(Items);
        double[,] h = Seeded.Wide(Projected), beta = Seeded.Wide(Items);
        Scores = [.. Enumerable.Range(0, batch).Select(b => Linear.Scores(Linear.Row(h, b), beta))];
        int contexts = Contexts[^1] + 1;
        if (sparse)
        {
            int[][] rewarded = [.. Enumerable.Range(0, contexts).Select(
                c => Seeded.Items(c, 1 + (c % 7), catalogue).Distinct().Order().ToArray())];
            Rewards = new SessionReward(SparseRows.FromLists(rewarded));
        }
        else
        {
            Rewards = new RewardFunction(contexts, Dense);
        }
    }

    public WorkerTeam Team { get; }

    public Matrix Items { get; }

    public Matrix Projected { get; }

    public int[] Contexts { get; }

    public IRewardSource Rewards { get; }

    public ExactIndex Index { get; }

    /// <summary>f [B][P].</summary>
    public double[][] Scores { get; }

    public int Dimension => Items.Columns;

    public int Batch => Contexts.Length;

    public static EstimatorOptions[] All(int samples = 128) =>
    [
        new ExactOptions(),
        new ReinforceOptions(samples),
        new ReinforceOptions(samples, Baseline: true),
        new UniformOptions(samples),
        new MixtureOptions(samples, 8, 0.5, MixtureSampler.Iid),
        new MixtureOptions(samples, 8, 0.5, MixtureSampler.Stratified),
    ];

    public IGradientEstimator Create(EstimatorOptions options, IRewardSource? rewards = null, WorkerTeam? team = null) =>
        GradientEstimators.Create(
            options, new EstimatorSetting(Items, rewards ?? Rewards, Batch, Seed, team ?? Team), Index);

    /// <summary>A batch of the given positions, or of all.</summary>
    public EstimatorBatch MakeBatch(params int[] positions)
    {
        if (positions.Length == 0)
            positions = [.. Enumerable.Range(0, Batch)];
        EstimatorBatch batch = new(Batch, Dimension);
        for (int i = 0; i < positions.Length; i++)
            Projected.Row(positions[i]).CopyTo(batch.Projected.Row(i));
        batch.Set([.. positions.Select(p => Contexts[p])], 0);
        return batch;
    }

    public void Dispose()
    {
        Index.Dispose();
        Items.Dispose();
        Projected.Dispose();
        Team.Dispose();
    }

    /// <summary>A reward of either sign, a multiple of 1/8, hence the same number in both precisions.</summary>
    private static float Dense(int context, int item) => ((((item * 7) + (context * 5)) % 17) - 6) / 8f;
}
