using KernelPolicy.Kernels;

namespace KernelPolicy.Tests.Estimators;

/// <summary>The strata kernel on contexts of an <see cref="EstimatorCase"/>, with heads and draws that are given.</summary>
internal sealed unsafe class StrataCase : IDisposable
{
    private readonly EstimatorCase _problem;
    private readonly CatalogueMoments _moments;
    private readonly StrataGradient _kernel;
    private readonly Matrix _products;

    public StrataCase(EstimatorCase problem, int longestTail)
    {
        _problem = problem;
        _moments = CatalogueMoments.Compute(problem.Items, problem.Team);
        _kernel = new StrataGradient(problem.Items, _moments, problem.Catalogue, longestTail);
        _products = new Matrix(problem.Contexts, problem.Dimension);
        new Projection().Run(problem.Projected, _moments.Product, _products, problem.Contexts, problem.Team);
    }

    /// <summary>g and the report for a head, of which the first <paramref name="retrieved"/> were found by an index, and for draws
    /// outside it.</summary>
    public (float[] Gradient, StrataReport Report) Estimate(
        int context, int[] head, int[] tail, RewardKind reward, bool control, bool isWhole = false, int? retrieved = null)
    {
        int found = retrieved ?? head.Length;
        float* h = _problem.Projected.RowPointer(context);
        float[] headScores = new float[found], tailScores = new float[tail.Length];
        RowScores.Gather(h, _problem.Items, head.AsSpan(0, found), headScores);
        RowScores.Gather(h, _problem.Items, tail, tailScores);
        StrataHead strata = new(_problem.Catalogue);
        strata.Set(h, _problem.Items, head.AsSpan(0, found), headScores, head.AsSpan(found));
        float[] headRewards = [.. head.Select(a => (float)_problem.RewardsOf(reward, context)[a])];
        float[] tailRewards = reward == RewardKind.Dense ? [.. tail.Select(a => _problem.Dense[context][a])] : [];
        using Matrix g = new(1, _problem.Dimension);
        StrataReport report = _kernel.Estimate(
            h, control ? _products.RowPointer(context) : null, strata, headRewards,
            new StrataTail(_problem.Items, tail, tail, tailScores, isWhole), tailRewards, 0, g.Pointer);
        return (g.Row(0).ToArray(), report);
    }

    /// <summary>Draws outside a head, as the estimator makes them.</summary>
    public int[] Draws(int[] head, int count, ulong seed, long step, int context)
    {
        int[] drawn = new int[count];
        UniformProposal.Draw(new RandomDraws(seed, RandomPurpose.Proposal, step, context), _problem.Catalogue, drawn);
        return [.. drawn.Where(a => !head.Contains(a))];
    }

    public void Dispose()
    {
        _kernel.Dispose();
        _moments.Dispose();
        _products.Dispose();
    }
}
