using KernelPolicy.Index;
using KernelPolicy.Kernels;
using KernelPolicy.Policy;
using KernelPolicy.Tests.Support;
using NUnit.Framework;

namespace KernelPolicy.Tests.Estimators;

/// <summary>Heads of earlier visits: when they stand in for a search, and what a checkpoint keeps of them.</summary>
public sealed class HeadReuseTests
{
    private const int Contexts = 12;

    private static readonly int[] Batch = [3, 0, 7, 5];

    private static StrataOptions Options => new(20, 48) { Reuse = HeadReuse.Instead, SearchEvery = 3, LargestMiss = 1 };

    [Test]
    public void Every_third_visit_searches()
    {
        using var problem = EstimatorCase.Normal(400, 9, Contexts);
        using CountingIndex index = new(problem.Items);
        using IGradientEstimator estimator = Create(problem, Options, index);
        int[] searches = [.. Enumerable.Range(0, 7).Select(step =>
        {
            problem.Estimate(estimator, Batch, step);
            return index.Searches;
        })];
        Assert.That(searches, Is.EqualTo(new[] { 1, 1, 1, 2, 2, 2, 3 }));

        // One context that was never seen makes the whole batch search, and counts anew for all.
        problem.Estimate(estimator, [3, 9], 8);
        Assert.That(index.Searches, Is.EqualTo(4));
    }

    /// <summary>The head is that of the search, and its scores those of the policy as it is now: while the policy stays, nothing
    /// changes but the draws, and with the same step not these. The index adds up scores in another order: 4 γ_9 of |f| ≤ 10 in
    /// each exponent, twice, and room for the sums.</summary>
    [Test]
    public void While_the_policy_stays_the_estimates_do()
    {
        using var problem = EstimatorCase.Normal(400, 9, Contexts);
        using IGradientEstimator reusing = problem.Estimator(Options, problem.Rewards(RewardKind.Sparse));
        using IGradientEstimator searching = problem.Estimator(new StrataOptions(20, 48), problem.Rewards(RewardKind.Sparse));
        problem.Estimate(reusing, Batch, 1);
        float[][] reused = problem.Estimate(reusing, Batch, 2), searched = problem.Estimate(searching, Batch, 2);
        for (int position = 0; position < Batch.Length; position++)
            Close.Values(reused[position], Seeded.Wide(searched[position]), absolute: 2e-5, relative: 0, $"g at {position}");
        Assert.That(reusing.Statistics.Strata.Searched, Is.Zero);
        Assert.That(reusing.Statistics.QuerySeconds, Is.Zero);
    }

    [Test]
    public void A_head_that_misses_too_much_is_searched_at_once()
    {
        using var problem = EstimatorCase.Normal(400, 9, Contexts);
        using CountingIndex index = new(problem.Items);
        using IGradientEstimator estimator = Create(problem, Options with { LargestMiss = 0.01, SearchEvery = 100 }, index);
        problem.Estimate(estimator, Batch, 1);
        problem.Estimate(estimator, Batch, 2);
        Assert.That(index.Searches, Is.EqualTo(1));

        // The policy turns round: what was best is worst.
        for (int context = 0; context < Contexts; context++)
            System.Numerics.Tensors.TensorPrimitives.Negate(problem.Projected.Row(context), problem.Projected.Row(context));
        float[][] g = problem.Estimate(estimator, Batch, 3);
        Assert.That(index.Searches, Is.EqualTo(2));
        using IGradientEstimator searching = Create(problem, new StrataOptions(20, 48), index);
        Assert.That(g, Is.EqualTo(problem.Estimate(searching, Batch, 3)));
    }

    [Test]
    public void A_union_sums_both_heads()
    {
        using var problem = EstimatorCase.Normal(400, 9, Contexts);
        using IGradientEstimator union = problem.Estimator(
            new StrataOptions(20, 48) { Reuse = HeadReuse.Union }, problem.Rewards(RewardKind.Dense));
        problem.Estimate(union, [3], 1);
        Assert.That(union.Statistics.Strata.HeadItems, Is.EqualTo(20));
        System.Numerics.Tensors.TensorPrimitives.Negate(problem.Projected.Row(3), problem.Projected.Row(3));
        problem.Estimate(union, [3], 2);
        Assert.That(union.Statistics.Strata.HeadItems, Is.EqualTo(40), "the best and the worst");
        problem.Estimate(union, [3], 3);
        Assert.That(union.Statistics.Strata.HeadItems, Is.EqualTo(20), "the same twice");
    }

    [Test]
    public void A_warm_start_finds_what_a_search_finds()
    {
        using var problem = EstimatorCase.Normal(900, 9, Contexts);
        using HnswIndex graph = HnswIndex.Build(problem.Items, new HnswOptions { EfSearch = 900 }, problem.Team);
        using IGradientEstimator warm = Create(problem, new StrataOptions(20, 48) { Reuse = HeadReuse.WarmStart }, graph);
        using IGradientEstimator cold = Create(problem, new StrataOptions(20, 48), graph);
        for (int step = 0; step < 3; step++)
            Assert.That(problem.Estimate(warm, Batch, step), Is.EqualTo(problem.Estimate(cold, Batch, step)), $"step {step}");
    }

    [Test]
    public void What_is_remembered_can_be_written_read_and_cleared()
    {
        using var problem = EstimatorCase.Normal(400, 9, Contexts);
        using CountingIndex index = new(problem.Items);
        using IGradientEstimator one = Create(problem, Options, index), other = Create(problem, Options, index);
        problem.Estimate(one, Batch, 1);
        using MemoryStream stream = new();
        one.Memory!.Write(stream);
        other.Memory!.Read(stream.ToArray());
        Assert.That(problem.Estimate(other, Batch, 2), Is.EqualTo(problem.Estimate(one, Batch, 2)));
        Assert.That(index.Searches, Is.EqualTo(1));
        other.Memory.Clear();
        problem.Estimate(other, Batch, 3);
        Assert.That(index.Searches, Is.EqualTo(2));
        Assert.That(() => other.Memory.Read(stream.ToArray().AsSpan(4)), Throws.InstanceOf<InvalidDataException>());
        using IGradientEstimator none = Create(problem, new StrataOptions(20, 48), index);
        Assert.That(none.Memory, Is.Null);
    }

    [Test]
    public void Options_out_of_range_are_named()
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That(() => (Options with { SearchEvery = 1 }).Validate(), Throws.InstanceOf<ArgumentException>().With.Message.Contains("2 visits"));
            Assert.That(() => (Options with { LargestMiss = 1.5 }).Validate(), Throws.InstanceOf<ArgumentException>().With.Message.Contains("[0, 1]"));
            Assert.That(() => (Options with { Reuse = (HeadReuse)9 }).Validate(), Throws.InstanceOf<ArgumentException>());
            Assert.That(() => new StrataOptions(-1).Validate(), Throws.InstanceOf<ArgumentException>().With.Message.Contains("K must"));
            Assert.That(() => new StrataOptions(1, 0).Validate(), Throws.InstanceOf<ArgumentException>().With.Message.Contains("l must"));
            Assert.That(() => new StrataOptions(RelativeError: 0).Validate(), Throws.InstanceOf<ArgumentException>());
            Assert.That(() => new StrataOptions(RelativeError: double.NaN).Validate(), Throws.InstanceOf<ArgumentException>());
            Assert.That(
                () => new StrataOptions(Tail: 100, RelativeError: 1, LongestTail: 99).Validate(),
                Throws.InstanceOf<ArgumentException>().With.Message.Contains("100"));
        }
    }

    private static IGradientEstimator Create(EstimatorCase problem, StrataOptions options, IMipsIndex index) => GradientEstimators.Create(
        options, new EstimatorSetting(problem.Items, problem.Rewards(RewardKind.Sparse), Contexts, 7, problem.Team), index);

    /// <summary>The exact scan, counting the batches that it is asked.</summary>
    private sealed class CountingIndex(Matrix items) : IMipsIndex
    {
        private readonly ExactIndex _exact = new(items);

        public int Searches { get; private set; }

        public string Kind => _exact.Kind;

        public string Description => _exact.Description;

        public Matrix Items => _exact.Items;

        public long Bytes => _exact.Bytes;

        public void Search(Matrix queries, int count, int k, TopK result, WorkerTeam team, ItemFilter? filter = null)
        {
            Searches++;
            _exact.Search(queries, count, k, result, team, filter);
        }

        public void Dispose() => _exact.Dispose();
    }
}
