using KernelPolicy.Index;
using KernelPolicy.Kernels;
using KernelPolicy.Policy;

namespace KernelPolicy.Tests.Training;

/// <summary>A catalogue of two clusters, in which histories of one cluster are rewarded by items of the other: Θ = I is
/// bad, and a few epochs make it good.</summary>
internal sealed class SmallProblem : IDisposable
{
    public const int Items = 300;
    public const int Dimension = 9;
    public const int Contexts = 150;

    public SmallProblem(int threads = 2)
    {
        Team = new WorkerTeam(threads);
        Factors = new Matrix(Items, Dimension);
        for (int item = 0; item < Items; item++)
        {
            var draws = new RandomDraws(5, RandomPurpose.Synthetic, 0, item);
            for (int l = 0; l < Dimension; l++)
                Factors.Row(item)[l] = (float)(0.3 * draws.Normal((uint)l)) + (l == item % 2 ? 1.5f : 0);
        }

        Train = Make(first: 0);
        Validation = Make(first: 10_000);
        Index = new ExactIndex(Factors);
    }

    public WorkerTeam Team { get; }

    public Matrix Factors { get; }

    public TrainingProblem Train { get; }

    public TrainingProblem Validation { get; }

    public ExactIndex Index { get; }

    public static EstimatorOptions[] Estimators =>
    [
        new ExactOptions(),
        new ReinforceOptions(64),
        new ReinforceOptions(64, Baseline: true),
        new UniformOptions(64),
        new MixtureOptions(64, 16, 0.5, MixtureSampler.Iid),
        new MixtureOptions(64, 16, 0.5, MixtureSampler.Stratified),
        new StrataOptions(16, 32),
        new StrataOptions(16, 32, TailSharing.Context) { Reuse = HeadReuse.Union },
        new StrataOptions(16, 32) { Reuse = HeadReuse.Instead, SearchEvery = 3, LargestMiss = 0.05 },
        new StrataOptions(16, 8, RelativeError: 0.1, LongestTail: 200),
    ];

    public IGradientEstimator Estimator(EstimatorOptions options, int batchSize, ulong seed = 1) =>
        GradientEstimators.Create(options, new EstimatorSetting(Factors, Train.Rewards, batchSize, seed, Team), Index);

    public void Dispose()
    {
        Index.Dispose();
        Factors.Dispose();
        Team.Dispose();
    }

    private TrainingProblem Make(int first)
    {
        var histories = new List<IReadOnlyList<int>>();
        var rewarded = new List<IReadOnlyList<int>>();
        for (int context = 0; context < Contexts; context++)
        {
            var draws = new RandomDraws(6, RandomPurpose.Synthetic, 1, first + context);
            int cluster = context % 2;
            histories.Add(Enumerable.Range(0, 5).Select(i => (draws.Below((uint)i, Items / 2) * 2) + cluster).ToArray());
            rewarded.Add(Enumerable.Range(10, 60).Select(i => (draws.Below((uint)i, Items / 2) * 2) + 1 - cluster).Distinct().Order().ToArray());
        }

        return TrainingProblem.SessionCompletion(Factors, SparseRows.FromLists(histories), SparseRows.FromLists(rewarded));
    }
}
