using KernelPolicy.Policy;
using NUnit.Framework;

namespace KernelPolicy.Tests.Serving.Exploration;

/// <summary>ε-greedy against its rule: at each place ε/m for each of the m items left, and 1 − ε more for the best.</summary>
public sealed class EpsilonGreedyTests
{
    [Test]
    public void Draws_follow_the_rule([Values(0, 0.2, 1)] double epsilon, [Values] bool restricted)
    {
        const int items = 60;
        using ExplorationCase problem = restricted
            ? new ExplorationCase(items, 1, banned: Enumerable.Range(0, items).Where(a => a % 3 == 0), excluded: [1, 2, 3, 59])
            : new ExplorationCase(items, 1);
        int best = problem.Eligible.MaxBy(a => problem.SingleScores[a]), count = problem.Eligible.Length;
        double[] law = [.. Enumerable.Range(0, items).Select(
            a => !problem.Eligible.Contains(a) ? 0 : (epsilon / count) + (a == best ? 1 - epsilon : 0))];
        int[] counts = new int[items], head = problem.Top(12);
        foreach ((ExploredItem[] slate, ExplorationReport report) in problem.Run(Options(epsilon), head, 1, 40_000))
        {
            counts[slate[0].Item]++;
            Assert.That(slate[0].Propensity, Is.EqualTo(law[slate[0].Item]));
            Assert.That(slate[0].LogPropensity, Is.EqualTo(Math.Log(slate[0].Propensity)));
            Assert.That(slate[0].RelativeStandardError, Is.Zero);
            Assert.That(slate[0].Score, Is.EqualTo(problem.SingleScores[slate[0].Item]));
            Assert.That(slate[0].IsTail, Is.EqualTo(!head.Contains(slate[0].Item)));
            Assert.That(report.HeadItems + report.TailItems, Is.EqualTo(count));
        }

        Law.AssertCounts(counts, law, "items");
    }

    [Test]
    public void Slates_follow_the_rule_place_by_place([Values(3, 4, 6)] int k)
    {
        const int items = 6, places = 3;
        const double epsilon = 0.5;
        using var problem = new ExplorationCase(items, 1);
        int[] ranked = problem.Top(items);
        double[] law = new double[items * items * items];
        int[] counts = new int[law.Length];
        foreach (int a in ranked)
        {
            foreach (int b in ranked.Where(b => b != a))
            {
                foreach (int c in ranked.Where(c => c != a && c != b))
                    law[Key([a, b, c])] = Chance([], a) * Chance([a], b) * Chance([a, b], c);
            }
        }

        foreach ((ExploredItem[] slate, _) in problem.Run(Options(epsilon), ranked[..k], places, 60_000))
        {
            int[] served = [.. slate.Select(at => at.Item)];
            counts[Key(served)]++;
            for (int i = 0; i < places; i++)
                Assert.That(slate[i].Propensity, Is.EqualTo(Chance(served[..i], served[i])).Within(1e-15));
        }

        Law.AssertCounts(counts, law, "ordered slates");

        double Chance(int[] before, int item) =>
            (epsilon / (items - before.Length)) + (item == ranked.First(a => !before.Contains(a)) ? 1 - epsilon : 0);

        static int Key(int[] slate) => (((slate[0] * items) + slate[1]) * items) + slate[2];
    }

    [Test]
    public void Without_exploration_the_best_are_served_with_propensity_1()
    {
        using var problem = new ExplorationCase(80, 1, excluded: [7]);
        int[] head = problem.Top(10);
        (ExploredItem[] slate, _) = problem.Run(new ExplorationOptions { Epsilon = 1 }, head, 4, 1).Single();
        Assert.That(slate.Select(at => at.Item), Is.EqualTo(head.Where(a => a != 7).Take(4)));
        Assert.That(slate.Select(at => (at.Propensity, at.LogPropensity)), Is.All.EqualTo((1.0, 0.0)));
    }

    [Test]
    public void Everything_can_be_served_and_nothing_where_nothing_may_be()
    {
        using var problem = new ExplorationCase(9, 1);
        (ExploredItem[] slate, _) = problem.Run(Options(1), problem.Top(9), 9, 1).Single();
        Assert.That(slate.Select(at => at.Item), Is.EquivalentTo(Enumerable.Range(0, 9)));
        Assert.That(slate[8].Propensity, Is.EqualTo(1));
        using var none = new ExplorationCase(9, 1, banned: Enumerable.Range(0, 9));
        Assert.That(none.Run(Options(1), none.Top(3, filtered: false), 2, 1).Single().Slate, Is.Empty);
    }

    [Test]
    public void A_head_too_small_for_the_slate_is_refused()
    {
        using var problem = new ExplorationCase(80, 1);
        Assert.That(
            () => problem.Run(Options(0.1), problem.Top(3), 4, 1).Count(),
            Throws.ArgumentException.With.Message.Contains("3 of the items").And.Message.Contains("4 places"));
    }

    private static ExplorationOptions Options(double epsilon) => new() { Kind = ExplorationKind.EpsilonGreedy, Epsilon = epsilon };
}
