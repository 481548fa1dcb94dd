using KernelPolicy.Index;
using KernelPolicy.Kernels;
using KernelPolicy.Kernels.Ilgpu;
using KernelPolicy.Policy;
using KernelPolicy.Tests.Estimators;
using KernelPolicy.Tests.Reference;
using KernelPolicy.Tests.Support;
using NUnit.Framework;

namespace KernelPolicy.Tests.Devices;

/// <summary>Strata on every path against the same reference in double precision, for the same heads and draws
/// (<see cref="StrataAgreement"/>).</summary>
[TestFixtureSource(typeof(DevicePaths), nameof(DevicePaths.All))]
public sealed class StrataTests(DevicePath path) : DeviceFixture(path)
{
    // Both halves of the seed and of the step count.
    private const ulong Seed = 0x0123456789ABCDEF;
    private const long Step = (5L << 32) + 77;
    private const int Contexts = 19;

    private int[] Chosen => IsEmulated ? [18, 2] : [18, 2, 7, 0, 11, 3];

    [Test]
    public void Gradient_and_errors(
        [Values] RewardKind reward, [Values] bool control, [Values] TailSharing sharing, [Values(0, 1, 30)] int topK,
        [Values(1, 9, 64, 150)] int tail)
    {
        NotEmulated(topK == 1 || tail is 1 or 64 or 150);
        using var problem = EstimatorCase.Normal(IsEmulated ? 61 : 203, 7, Contexts);
        AssertAgrees(problem, new StrataOptions(topK, tail, sharing, control), reward);
    }

    /// <summary>Rows of every kind of padding, and heads and tails of more than one part of 128.</summary>
    [Test]
    public void Ragged_rows_and_several_parts(
        [Values] RewardKind reward, [Values] TailSharing sharing, [Values(1, 33, 64, 100)] int dimension, [Values(40, 290)] int topK)
    {
        NotEmulated(dimension > 33 || topK > 40 || sharing == TailSharing.Context);
        using var problem = EstimatorCase.Normal(IsEmulated ? 150 : 900, dimension, Contexts);
        AssertAgrees(problem, new StrataOptions(topK, IsEmulated ? 135 : 400, sharing), reward);
    }

    [Test]
    public void The_top_K_of_an_index_on_the_host([Values] RewardKind reward, [Values] TailSharing sharing)
    {
        if (Path == DevicePath.Simd)
            Assert.Ignore("The SIMD kernels have no other index than the host's.");
        using var problem = EstimatorCase.Normal(IsEmulated ? 61 : 389, 33, Contexts);
        AssertAgrees(problem, new StrataOptions(20, 24, sharing), reward, asksHost: true);
    }

    /// <summary>β is rounded to half precision before, so that the device's rounding of it is none; the moments are of that β.</summary>
    [Test]
    public void Items_in_half_precision([Values] RewardKind reward)
    {
        if (Path == DevicePath.Simd)
            Assert.Ignore("The SIMD kernels keep items in single precision.");
        using EstimatorCase whole = EstimatorCase.Normal(IsEmulated ? 61 : 389, 17, Contexts), problem = EstimatorCase.Halved(whole);
        AssertAgrees(problem, new StrataOptions(10, 24), reward, ItemPrecision.Half);
    }

    /// <summary>Where the tail is as long as the catalogue, or the head is all of it, nothing is left to chance.</summary>
    [Test]
    public void The_whole_catalogue_is_summed_exactly(
        [Values] RewardKind reward, [Values] TailSharing sharing, [Values(0, 16, 41, 60)] int topK, [Values(1, 41, 100)] int tail)
    {
        bool isWhole = topK >= 41 || tail >= 41;
        NotEmulated(!isWhole || (tail == 100) || topK is 16 or 60);
        using var problem = EstimatorCase.Normal(41, 7, Contexts);
        StrataOptions options = new(topK, tail, sharing);
        Estimation result = AssertAgrees(problem, options, reward);
        Assert.That(result.Statistics.Strata.PartitionVariance, isWhole ? Is.Zero : Is.Not.Zero);
        Assert.That(result.Statistics.Strata.GradientVariance, isWhole ? Is.Zero : Is.Not.Zero);
        for (int position = 0; isWhole && position < Chosen.Length; position++)
        {
            int c = Chosen[position];
            double[] pi = Softmax.Weights(problem.Scores[c]), r = problem.RewardsOf(reward, c);
            Close.Within(
                result.Gradients[position], Estimates.Exact(problem.Scores[c], r, problem.Beta),
                ErrorBound.Covariance([.. Enumerable.Range(0, 41)], pi, r, problem.Beta, 4 * StrataAgreement.Rho(problem, c, 41)),
                $"g of context {c}");
        }
    }

    /// <summary>A head that is nearly all of the catalogue takes every draw of the tail; then the context's own go on.</summary>
    [Test]
    public void A_tail_that_falls_into_the_head_is_rescued([Values] RewardKind reward, [Values] TailSharing sharing, [Values(37, 40)] int topK, [Values(1, 2)] int tail)
    {
        using var problem = EstimatorCase.Normal(41, 7, Contexts);
        AssertAgrees(problem, new StrataOptions(topK, tail, sharing), reward);
    }

    [Test]
    public void Draws_that_beat_the_retrieved_items_are_counted([Values] TailSharing sharing)
    {
        using var problem = EstimatorCase.Normal(61, 7, Contexts);
        using LateIndex index = new(problem.Index, skipped: 5);
        StrataOptions options = new(12, 40, sharing);
        SessionReward none = new(SparseRows.FromLists([.. Enumerable.Repeat(Array.Empty<int>(), Contexts)]));
        BatchName batch = new(Chosen, Step, Seed);
        Estimation result = Estimation.ByIndex(Device, problem, options, none, batch, index);
        int missed = Chosen.Sum(c =>
        {
            int[] best = TopItems.Of(problem.Scores[c], 5), drawn = new int[40];
            UniformProposal.Draw(
                sharing == TailSharing.Batch
                    ? new RandomDraws(Seed, RandomPurpose.SharedTail, Step, 0)
                    : new RandomDraws(Seed, RandomPurpose.Proposal, Step, c),
                61, drawn);
            return drawn.Count(a => best.Contains(a));
        });
        Assert.That(missed, Is.Positive);
        Assert.That(result.Statistics.Strata.Missed, Is.EqualTo(missed));
    }

    [Test]
    public void A_budget_is_refused_on_devices()
    {
        if (Path == DevicePath.Simd)
            Assert.Ignore("The SIMD kernels keep to budgets.");
        using StepProblem problem = new(40, 5);
        Assert.That(
            () => problem.OnDevice(Device, new StrataOptions(8, 16, RelativeError: 0.25)),
            Throws.ArgumentException.With.Message.Contains("0.25").And.Message.Contains("fixed tail").And.Message.Contains("--device simd"));
    }

    [Test]
    public void The_reuse_of_heads_is_refused_on_devices()
    {
        if (Path == DevicePath.Simd)
            Assert.Ignore("The SIMD kernels reuse heads.");
        using StepProblem problem = new(40, 5);
        Assert.That(
            () => problem.OnDevice(Device, new StrataOptions(8, 16) { Reuse = HeadReuse.Instead }),
            Throws.ArgumentException.With.Message.Contains("Instead").And.Message.Contains("--device simd"));
    }

    private Estimation AssertAgrees(
        EstimatorCase problem, StrataOptions options, RewardKind reward, ItemPrecision precision = ItemPrecision.Single, bool asksHost = false)
    {
        Estimation result = Estimation.Run(Device, problem, options, problem.Rewards(reward), new BatchName(Chosen, Step, Seed), precision, asksHost);
        int[][] retrieved = options.TopK == 0 ? [.. Chosen.Select(_ => Array.Empty<int>())] : [.. result.Heads.Select(head => head.Items)];
        new StrataAgreement(problem, options, reward, Chosen, Step, Seed).Check(result.Gradients, result.Statistics.Strata, retrieved);
        return result;
    }

    /// <summary>An index that misses the best items: those that follow them are its answer.</summary>
    private sealed class LateIndex(IMipsIndex inner, int skipped) : IMipsIndex
    {
        public string Kind => "late";

        public string Description => Kind;

        public Matrix Items => inner.Items;

        public long Bytes => 0;

        public void Search(Matrix queries, int count, int k, TopK result, WorkerTeam team, ItemFilter? filter = null)
        {
            TopK whole = new(count, k + skipped);
            inner.Search(queries, count, k + skipped, whole, team, filter);
            for (int query = 0; query < count; query++)
            {
                whole.Items(query)[skipped..].CopyTo(result.ItemBuffer(query));
                whole.Scores(query)[skipped..].CopyTo(result.ScoreBuffer(query));
                result.SetFound(query, k);
            }
        }

        public void Dispose()
        {
        }
    }
}
