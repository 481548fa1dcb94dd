using KernelPolicy.Kernels;
using KernelPolicy.Policy;
using NUnit.Framework;

namespace KernelPolicy.Tests.Training;

[TestFixture]
public sealed class PolicyEvaluatorTests
{
    private static readonly int[] Cutoffs = [1, 3, 10];

    [Test]
    public void Figures_are_those_of_a_plain_count()
    {
        using var problem = new SmallProblem();
        using Matrix theta = Theta.Initialise(SmallProblem.Dimension, ThetaInitialisation.Normal, 0.5, seed: 4);
        int[] popularity = Enumerable.Range(0, SmallProblem.Items).Select(item => item % 7).ToArray();
        using var evaluator = new PolicyEvaluator(problem.Validation, problem.Team, Cutoffs);
        PolicyEvaluation evaluation = evaluator.Evaluate(theta, problem.Index, popularity);

        int[][] best = Enumerable.Range(0, SmallProblem.Contexts).Select(context => Best(problem, theta, context, 10)).ToArray();
        foreach (TopNFigures figures in evaluation.TopN)
        {
            int[][] top = best.Select(items => items[..figures.N]).ToArray();
            double[] rewards = top.Select((items, context) => items.Count(item => IsRewarded(problem, context, item))).Select(n => (double)n).ToArray();
            using (Assert.EnterMultipleScope())
            {
                Assert.That(figures.Reward, Is.EqualTo(rewards.Average()).Within(1e-12));
                Assert.That(figures.HitRate, Is.EqualTo(rewards.Average(r => r > 0 ? 1.0 : 0)).Within(1e-12));
                Assert.That(figures.Coverage, Is.EqualTo(top.SelectMany(items => items).Distinct().Count() / (double)SmallProblem.Items).Within(1e-12));
                Assert.That(figures.Popularity, Is.EqualTo(top.Average(items => items.Average(item => (double)popularity[item]))).Within(1e-9));
            }
        }

        Assert.That(evaluation.Reward, Is.EqualTo(evaluation.TopN[0].Reward));
        Assert.That(evaluation.TopN.Select(f => f.N), Is.EqualTo(Cutoffs));
    }

    [Test]
    public void The_popularity_baseline_passes_over_the_history()
    {
        int[] popularity = [5, 9, 9, 1];
        SparseRows histories = SparseRows.FromLists([[0], [1], [1, 2], [2]]);
        var rewards = new SessionReward(SparseRows.FromLists([[1], [2], [0, 3], [3]]));
        // Item 1; then 2, since 1 is in the history; then 0; then 1 again, which is not rewarded. Always item 1 would give 1/4.
        Assert.That(PopularityBaseline.Reward(popularity, histories, rewards), Is.EqualTo(3.0 / 4).Within(1e-12));
    }

    [Test]
    public void Cutoffs_that_do_not_rise_are_refused()
    {
        using var problem = new SmallProblem();
        Assert.Throws<ArgumentException>(() => _ = new PolicyEvaluator(problem.Validation, problem.Team, [5, 5]));
        Assert.Throws<ArgumentException>(() => _ = new PolicyEvaluator(problem.Validation, problem.Team, [0, 5]));
    }

    [Test]
    public void Exact_searches_at_the_same_time_give_what_one_gives()
    {
        using var problem = new SmallProblem();
        using var queries = new Matrix(40, SmallProblem.Dimension);
        for (int row = 0; row < 40; row++)
            problem.Train.Contexts.Fill(row, queries, row);
        var expected = new TopK(40, 20);
        problem.Index.Search(queries, 40, 20, expected, problem.Team);
        Parallel.For(0, 16, new ParallelOptions { MaxDegreeOfParallelism = 8 }, _ =>
        {
            using var team = new WorkerTeam(2);
            var found = new TopK(40, 20);
            for (int repeat = 0; repeat < 20; repeat++)
            {
                problem.Index.Search(queries, 40, 20, found, team);
                for (int query = 0; query < 40; query++)
                {
                    if (!found.Items(query).SequenceEqual(expected.Items(query)) || !found.Scores(query).SequenceEqual(expected.Scores(query)))
                        throw new AssertionException($"query {query} has another answer");
                }
            }
        });
    }

    private static int[] Best(SmallProblem problem, Matrix theta, int context, int count)
    {
        using var x = new Matrix(1, SmallProblem.Dimension);
        problem.Validation.Contexts.Fill(context, x, 0);
        double[] h = Enumerable.Range(0, SmallProblem.Dimension)
            .Select(column => Enumerable.Range(0, SmallProblem.Dimension).Sum(l => (double)x.Row(0)[l] * theta.Row(l)[column])).ToArray();
        return Enumerable.Range(0, SmallProblem.Items)
            .OrderByDescending(item => Enumerable.Range(0, SmallProblem.Dimension).Sum(l => h[l] * problem.Factors.Row(item)[l]))
            .Take(count).ToArray();
    }

    private static bool IsRewarded(SmallProblem problem, int context, int item) =>
        problem.Validation.Rewards.RewardedItems(context).Contains(item);
}
