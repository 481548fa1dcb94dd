using KernelPolicy.Index;
using KernelPolicy.Kernels;
using NUnit.Framework;

namespace KernelPolicy.Tests.Index;

public sealed class RecallAuditTests
{
    [Test]
    public void Counts_and_weighs_what_was_found()
    {
        // Scores of items 0 to 3 are 3, 2, 1, 0. The stub misses item 0 for query 0 and nothing for query 1.
        using Matrix items = new(4, 1);
        for (int item = 0; item < 4; item++)
            items.Row(item)[0] = 3 - item;
        using Matrix queries = new(2, 1);
        queries.Row(0)[0] = 1;
        queries.Row(1)[0] = 1;
        using ExactIndex exact = new(items);
        using Stub stub = new(items, [[1, 2], [0, 1]]);
        using WorkerTeam team = new(1);
        RecallResult result = new RecallAudit(2, 2).Measure(stub, exact, queries, 2, 2, team);
        double missed = Math.Exp(-1) / (1 + Math.Exp(-1));
        Assert.Multiple(() =>
        {
            Assert.That(result.Queries, Is.EqualTo(2));
            Assert.That(result.K, Is.EqualTo(2));
            Assert.That(result.Recall, Is.EqualTo(0.75));
            Assert.That(result.MassRecall, Is.EqualTo((missed + 1) / 2).Within(1e-12));
            Assert.That(result.LowestMassRecall, Is.EqualTo(missed).Within(1e-12));
            Assert.That(result.BestFound, Is.EqualTo(0.5));
        });
    }

    [Test]
    public void The_exact_index_has_recall_one_and_large_scores_do_not_overflow()
    {
        using Matrix items = Catalogues.Make(Catalogues.Shape.HeavyTailed, 500, 7);
        using Matrix queries = Catalogues.MeansOf(items, 10);
        foreach (ref float value in queries.Row(3))
            value *= 1e6f;
        using ExactIndex exact = new(items);
        using WorkerTeam team = new(2);
        RecallResult result = new RecallAudit(10, 50).Measure(exact, exact, queries, 10, 50, team);
        Assert.That(result, Is.EqualTo(new RecallResult(10, 50, 1, 1, 1, 1)));
    }

    [Test]
    public void Fewer_answers_than_asked_count_as_misses()
    {
        using Matrix items = new(4, 1);
        items.Row(0)[0] = 1;
        using Matrix queries = new(1, 1);
        using ExactIndex exact = new(items);
        using Stub stub = new(items, [[]]);
        using WorkerTeam team = new(1);
        RecallResult result = new RecallAudit(1, 3).Measure(stub, exact, queries, 1, 3, team);
        Assert.That(result, Is.EqualTo(new RecallResult(1, 3, 0, 0, 0, 0)));
    }

    [Test]
    public void Misuse_is_refused()
    {
        using Matrix items = new(4, 1);
        using Matrix others = new(4, 1);
        using Matrix queries = new(1, 1);
        using ExactIndex exact = new(items);
        using ExactIndex foreign = new(others);
        using WorkerTeam team = new(1);
        RecallAudit audit = new(1, 2);
        Assert.Multiple(() =>
        {
            Assert.Throws<ArgumentException>(() => audit.Measure(exact, foreign, queries, 1, 2, team));
            Assert.Throws<ArgumentOutOfRangeException>(() => audit.Measure(exact, exact, queries, 0, 2, team));
            Assert.Throws<ArgumentNullException>(() => audit.Measure(null!, exact, queries, 1, 2, team));
            Assert.Throws<ArgumentOutOfRangeException>(() => _ = new RecallAudit(0, 2));
        });
    }

    private sealed class Stub(Matrix items, int[][] answers) : IMipsIndex
    {
        public string Kind => "stub";

        public string Description => Kind;

        public Matrix Items => items;

        public long Bytes => 0;

        public void Search(Matrix queries, int count, int k, TopK result, WorkerTeam team, ItemFilter? filter = null)
        {
            for (int query = 0; query < count; query++)
            {
                answers[query].CopyTo(result.ItemBuffer(query));
                result.SetFound(query, answers[query].Length);
            }
        }

        public void Dispose()
        {
        }
    }
}
