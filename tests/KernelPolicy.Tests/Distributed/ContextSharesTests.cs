using CsCheck;
using KernelPolicy.Kernels;
using KernelPolicy.Policy;
using NUnit.Framework;

namespace KernelPolicy.Tests.Distributed;

/// <summary>Contexts divided into shares, and the order in which a training takes them.</summary>
[TestFixture]
public sealed class ContextSharesTests
{
    private static readonly Gen<(int Total, int Shares, int Ranks)> Divisions =
        from total in Gen.Int[1, 200]
        from shares in Gen.Int[1, Math.Min(total, 12)]
        from ranks in Gen.Int[1, shares]
        select (total, shares, ranks);

    [Test]
    public void Ranks_hold_each_context_once() => Divisions.Sample(division =>
    {
        List<int> held = [];
        foreach (ContextShares part in Parts(division))
        {
            Assert.That(Enumerable.Range(0, part.Own.Count).Sum(own => part.SizeOf(part.Own[own])), Is.EqualTo(part.Count));
            for (int own = 0; own < part.Own.Count; own++)
            {
                for (int context = part.StartOf(own); context < part.StartOf(own + 1); context++)
                    Assert.That(part.Number(context) % division.Shares, Is.EqualTo(part.Own[own]));
            }

            held.AddRange(Enumerable.Range(0, part.Count).Select(part.Number));
        }

        Assert.That(held.Order(), Is.EqualTo(Enumerable.Range(0, division.Total)));
    });

    [Test]
    public void Rows_are_selected_by_their_numbers() => Divisions.Sample(division =>
    {
        SparseRows whole = SparseRows.FromLists([.. Enumerable.Range(0, division.Total).Select(row => (IReadOnlyList<int>)Enumerable.Repeat(row, row % 3).ToArray())]);
        foreach (ContextShares part in Parts(division))
        {
            SparseRows selected = part.Select(whole);
            for (int context = 0; context < part.Count; context++)
                Assert.That(selected[context].ToArray(), Is.EqualTo(whole[part.Number(context)].ToArray()));
        }
    });

    [Test]
    public void A_step_has_the_same_contexts_however_many_ranks_hold_them() => Gen.Select(Divisions, Gen.Int[1, 9]).Sample((division, batchSize) =>
    {
        List<int[]>[] byRanks = [Batches(division with { Ranks = 1 }, batchSize), Batches(division, batchSize)];
        Assert.That(byRanks[1].Select(batch => batch.Order().ToArray()), Is.EqualTo(byRanks[0].Select(batch => batch.Order().ToArray())));
        Assert.That(byRanks[0].SelectMany(batch => batch).Order(), Is.EqualTo(Enumerable.Range(0, division.Total)));
        // Each step has B of every share, and only the last has less.
        Assert.That(byRanks[0].SkipLast(1).Select(batch => batch.Length), Is.All.EqualTo(batchSize * division.Shares));
    });

    [Test]
    public void A_part_of_an_epoch_is_kept_when_shares_change()
    {
        EpochOrder order = new(new ContextShares(1000, 4), 10, 1);
        // 50 steps of 2 · 10 contexts were an epoch; now 25 of 4 · 10 are. Half of the second is over.
        TrainingState state = new() { Shares = 2, Step = 50 + 25, Epochs = [Epoch(1)], GradientAudits = [new(1, 50, 1, 3, 0, 0, 0, 1, 0)] };
        Assert.That(order.Adopt(state, itemsHash: 7), Is.True);
        using (Assert.EnterMultipleScope())
        {
            Assert.That((state.Step, state.Shares, state.ItemsHash), Is.EqualTo((25 + 12, 4, 7UL)));
            Assert.That(state.GradientAudits.Single().Step, Is.EqualTo(25), "audits are found by their steps");
            Assert.That(order.Adopt(state, 8), Is.False, "in the same shares nothing changes");
        }
    }

    [Test]
    public void Other_items_are_no_ground_to_go_on_from_in_other_shares()
    {
        EpochOrder order = new(new ContextShares(1000, 4), 10, 1);
        Assert.That(() => order.Adopt(new TrainingState { Shares = 2, ItemsHash = 7 }, 8), Throws.InstanceOf<InvalidDataException>());
        Assert.That(order.Adopt(new TrainingState { Shares = 2 }, 8), Is.True, "older checkpoints have no hash");
    }

    [TestCase(-1, 1, 1, 0)]
    [TestCase(10, 0, 1, 0)]
    [TestCase(10, 11, 1, 0)]
    [TestCase(10, 4, 5, 0)]
    [TestCase(10, 4, 0, 0)]
    [TestCase(10, 4, 2, 2)]
    [TestCase(10, 4, 2, -1)]
    public void Divisions_that_leave_a_rank_or_a_share_empty_are_refused(int total, int shares, int ranks, int rank) =>
        Assert.That(() => new ContextShares(total, shares, ranks, rank), Throws.InstanceOf<ArgumentOutOfRangeException>());

    [Test]
    public void Contexts_that_are_not_held_have_no_number() =>
        Assert.That(() => new ContextShares(10, 3, 3, 1).Number(3), Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.Contain("0 to 2"));

    private static IEnumerable<ContextShares> Parts((int Total, int Shares, int Ranks) division) =>
        Enumerable.Range(0, division.Ranks).Select(rank => new ContextShares(division.Total, division.Shares, division.Ranks, rank));

    // The contexts of each step of the second epoch, all ranks together, by their numbers.
    private static List<int[]> Batches((int Total, int Shares, int Ranks) division, int batchSize)
    {
        List<int[]> batches = [];
        foreach (ContextShares part in Parts(division))
        {
            EpochOrder order = new(part, batchSize, seed: 7);
            int[] contexts = order.Of(1).ToArray();
            for (int step = 0; step < order.Steps; step++)
            {
                (long first, int count) = order.Batch(step + order.Steps);
                int[] own = [.. contexts.AsSpan((int)first, count).ToArray().Select(part.Number)];
                if (batches.Count == step)
                    batches.Add(own);
                else
                    batches[step] = [.. batches[step], .. own];
            }
        }

        return batches;
    }

    private static EpochResult Epoch(int number) => new(number, 1, 0, 0, 0, 0);
}
