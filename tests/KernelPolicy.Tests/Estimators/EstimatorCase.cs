using KernelPolicy.Index;
using KernelPolicy.Kernels;
using KernelPolicy.Policy;
using KernelPolicy.Tests.Reference;
using KernelPolicy.Tests.Support;

namespace KernelPolicy.Tests.Estimators;

/// <summary>Which reward of an <see cref="EstimatorCase"/>.</summary>
public enum RewardKind
{
    /// <summary>1 on the items of a session, else 0: <see cref="SessionReward"/>.</summary>
    Sparse,

    /// <summary>Between −1 and 2, anywhere: <see cref="RewardFunction"/>.</summary>
    Dense,
}

/// <summary>
/// A small catalogue β [P, L] and contexts that are given as their projections h [N, L], so that scores do not go through
/// Θ; the same in double precision for the references.
/// </summary>
internal sealed class EstimatorCase : IDisposable
{
    private EstimatorCase(Matrix items, Matrix projected, int threads)
    {
        (Items, Projected) = (items, projected);
        Team = new WorkerTeam(threads);
        Index = new ExactIndex(items);
        Beta = Seeded.Wide(items);
        Queries = [.. Enumerable.Range(0, Contexts).Select(c => Seeded.Wide(projected.Row(c)))];
        Scores = [.. Queries.Select(h => Linear.Scores(h, Beta))];
        Sessions = [.. Enumerable.Range(0, Contexts).Select(Session)];
        Dense = [.. Enumerable.Range(0, Contexts).Select(
            c => Enumerable.Range(0, Catalogue).Select(a => (float)(0.5 + (1.5 * Math.Sin((1.7 * a) + (0.9 * c))))).ToArray())];
    }

    public Matrix Items { get; }

    public Matrix Projected { get; }

    public WorkerTeam Team { get; }

    public ExactIndex Index { get; }

    public int Catalogue => (int)Items.Rows;

    public int Dimension => Items.Columns;

    public int Contexts => (int)Projected.Rows;

    /// <summary>β [P, L] in double precision.</summary>
    public double[,] Beta { get; }

    /// <summary>h of each context [N][L] in double precision.</summary>
    public double[][] Queries { get; }

    /// <summary>f of each context [N][P].</summary>
    public double[][] Scores { get; }

    /// <summary>Rewarded items of each context, rising.</summary>
    public int[][] Sessions { get; }

    /// <summary>The dense reward [N][P].</summary>
    public float[][] Dense { get; }

    /// <summary>Normal h and β; scores have a standard deviation of about <paramref name="spread"/>.</summary>
    public static EstimatorCase Normal(int items, int dimension, int contexts, double spread = 1.6, int threads = 1, int seed = 11) =>
        new(
            Seeded.Matrix(seed, items, dimension, spread / Math.Sqrt(dimension)),
            Seeded.Matrix(seed + 1, contexts, dimension),
            threads);

    /// <summary>
    /// h is whole sixteenths, at most <paramref name="largest"/> of them, and β whole quarters, at most 12: scores are whole
    /// sixty-fourths, and below 2^24 of them every sum is exact in single precision in any order.
    /// </summary>
    /// <remarks>β_{2i+1} is β_{2i} but for its first entry, where h is zero: scores tie in pairs, so that a policy however
    /// sharp has a gradient.</remarks>
    public static EstimatorCase Representable(int items, int dimension, int contexts, int largest, int threads = 1, int seed = 21)
    {
        Matrix beta = new(items, dimension), h = new(contexts, dimension);
        Random random = new(seed);
        for (int a = 0; a < items; a++)
        {
            for (int l = 0; l < dimension; l++)
                beta.Row(a)[l] = a % 2 == 1 && l > 0 ? beta.Row(a - 1)[l] : random.Next(-12, 13) / 4f;
        }

        for (int c = 0; c < contexts; c++)
        {
            for (int l = 1; l < dimension; l++)
                h.Row(c)[l] = random.Next(-largest, largest + 1) / 16f;
        }

        return new EstimatorCase(beta, h, threads);
    }

    /// <summary>The case with one more dimension, 1 in every item and <paramref name="shift"/> in every context: all scores
    /// rise by that.</summary>
    public static EstimatorCase Shifted(EstimatorCase source, float shift)
    {
        Matrix beta = new(source.Catalogue, source.Dimension + 1), h = new(source.Contexts, source.Dimension + 1);
        for (int a = 0; a < source.Catalogue; a++)
        {
            source.Items.Row(a).CopyTo(beta.Row(a));
            beta.Row(a)[^1] = 1;
        }

        for (int c = 0; c < source.Contexts; c++)
        {
            source.Projected.Row(c).CopyTo(h.Row(c));
            h.Row(c)[^1] = shift;
        }

        return new EstimatorCase(beta, h, source.Team.Threads);
    }

    /// <summary>The case with every number of β rounded to half precision.</summary>
    public static EstimatorCase Halved(EstimatorCase source)
    {
        Matrix beta = new(source.Catalogue, source.Dimension), h = new(source.Contexts, source.Dimension);
        for (int a = 0; a < source.Catalogue; a++)
        {
            for (int l = 0; l < source.Dimension; l++)
                beta.Row(a)[l] = (float)(Half)source.Items.Row(a)[l];
        }

        h.CopyFrom(source.Projected);
        return new EstimatorCase(beta, h, source.Team.Threads);
    }

    public IRewardSource Rewards(RewardKind kind) => kind == RewardKind.Dense
        ? new RewardFunction(Contexts, (context, item) => Dense[context][item])
        : new SessionReward(SparseRows.FromLists(Sessions));

    /// <summary>r of a context [P].</summary>
    public double[] RewardsOf(RewardKind kind, int context) => kind == RewardKind.Dense
        ? Seeded.Wide(Dense[context])
        : [.. Enumerable.Range(0, Catalogue).Select(a => Sessions[context].Contains(a) ? 1.0 : 0.0)];

    public IGradientEstimator Estimator(EstimatorOptions options, IRewardSource rewards, ulong seed = 7, int? batchSize = null) =>
        GradientEstimators.Create(
            options, new EstimatorSetting(Items, rewards, batchSize ?? Contexts, seed, Team), options.NeedsIndex ? Index : null);

    /// <summary>g of the given contexts, a list of L for each.</summary>
    public float[][] Estimate(IGradientEstimator estimator, int[] contexts, long step)
    {
        using EstimatorBatch batch = Batch(contexts, step);
        using Matrix gradients = new(contexts.Length, Dimension);
        estimator.Estimate(batch, gradients);
        return [.. Enumerable.Range(0, contexts.Length).Select(position => gradients.Row(position).ToArray())];
    }

    public EstimatorBatch Batch(int[] contexts, long step)
    {
        EstimatorBatch batch = new(contexts.Length, Dimension);
        batch.Set(contexts, step);
        for (int position = 0; position < contexts.Length; position++)
            Projected.PaddedRow(contexts[position]).CopyTo(batch.Projected.PaddedRow(position));
        return batch;
    }

    /// <summary>The index's top K of a context, with the scores that it reports: the mixture's proposal is made of these,
    /// and a draw of it is compared with cumulative sums of them.</summary>
    public (int[] Items, float[] Scores) Head(int context, int k)
    {
        TopK result = new(1, k);
        using Matrix query = new(1, Dimension);
        Projected.PaddedRow(context).CopyTo(query.PaddedRow(0));
        Index.Search(query, 1, k, result, Team);
        return (result.Items(0).ToArray(), result.Scores(0).ToArray());
    }

    public void Dispose()
    {
        Index.Dispose();
        Items.Dispose();
        Projected.Dispose();
        Team.Dispose();
    }

    // One item in eight, and the second best: rewards where the policy is as well as where it is not.
    private int[] Session(int context)
    {
        double[] f = Scores[context];
        int best = Array.IndexOf(f, f.Max());
        int second = Enumerable.Range(0, Catalogue).Where(a => a != best).DefaultIfEmpty(best).MaxBy(a => f[a]);
        return [.. Enumerable.Range(0, Catalogue).Where(a => a == second || ((a * 2654435761L) + (context * 40503L)) % 8 == 0)];
    }
}
