using System.Collections.Concurrent;
using KernelPolicy.Index;
using KernelPolicy.Kernels;
using NUnit.Framework;

namespace KernelPolicy.Tests.Index;

/// <summary>Searches while items come and go: each answer is that of one state, and old states are freed.</summary>
public sealed class LiveConcurrencyTests
{
    private const int Old = 1500;
    private const int Added = 12;
    private const int Changes = 120;
    private const int Readers = 4;
    private const int Queries = 6;
    private const int K = 8;

    [Test]
    public void Each_answer_is_that_of_one_state_which_was_current_during_the_search()
    {
        using Matrix items = Catalogues.Make(Catalogues.Shape.Clustered, Old, 12);
        using Matrix queries = Catalogues.MeansOf(items, Queries);
        using WorkerTeam team = new(2);
        using HnswIndex origin = HnswIndex.Build(items, new HnswOptions { M = 6 }, team);
        using LiveIndex live = new(origin);
        string[][] expected = Script(live, queries, team).ToArray();
        Assert.That(expected.Select(answers => string.Join('|', answers)).Distinct().Count(), Is.GreaterThan(Changes / 2));

        // The same changes on another index, whose states must give the same answers, in the order of the changes.
        using LiveIndex searched = new(origin);
        ConcurrentQueue<string> faults = [];
        bool over = false;
        long searches = 0;
        Thread[] readers = [.. Enumerable.Range(0, Readers).Select(self => new Thread(() =>
        {
            int[] found = new int[K];
            float[] scores = new float[K];
            for (int i = self; !Volatile.Read(ref over); i++)
            {
                int query = i % Queries;
                long before = searched.Version;
                int count = searched.Search(queries.Row(query), found, scores);
                long after = searched.Version;
                string answer = Print(found, scores, count);
                Interlocked.Increment(ref searches);
                bool known = false;
                for (long version = before; version <= after && !known; version++)
                    known = expected[version][query] == answer;
                if (!known)
                    faults.Enqueue($"query {query}, versions {before} to {after}: {answer}");
            }
        }))];
        Array.ForEach(readers, reader => reader.Start());
        foreach (string[] _ in Script(searched, queries, team))
            Thread.Sleep(2);
        Volatile.Write(ref over, true);
        Array.ForEach(readers, reader => reader.Join());
        TestContext.Out.WriteLine($"{searches} searches");
        Assert.Multiple(() =>
        {
            Assert.That(faults, Is.Empty);
            Assert.That(searches, Is.GreaterThan(Changes));
            Assert.That(searched.CataloguesAlive, Is.EqualTo(1));
        });
    }

    [Test]
    public void Writers_on_many_threads_lose_no_change()
    {
        using Matrix items = Catalogues.Make(Catalogues.Shape.Clustered, 400, 12);
        using WorkerTeam team = new(2);
        using HnswIndex origin = HnswIndex.Build(items, new HnswOptions { M = 6 }, team);
        using LiveIndex live = new(origin);
        ConcurrentBag<int> numbers = [];
        Thread[] writers = [.. Enumerable.Range(0, 4).Select(self => new Thread(() =>
        {
            using Matrix one = new(1, 12);
            items.Row(self).CopyTo(one.Row(0));
            for (int i = 0; i < 10; i++)
            {
                live.Ban((self * 100) + i);
                one.Row(0)[i] += 0.5f;
                if (i % 2 == 0)
                    numbers.Add(live.Add(one, team));
                using LiveSnapshot snapshot = live.Acquire();
                if (snapshot.Available!.Allows((self * 100) + i))
                    numbers.Add(-1);
            }
        }))];
        Array.ForEach(writers, writer => writer.Start());
        Array.ForEach(writers, writer => writer.Join());
        Assert.Multiple(() =>
        {
            Assert.That(numbers, Is.EquivalentTo(Enumerable.Range(400, 20)));
            Assert.That(live.CountAvailable, Is.EqualTo(400 + 20 - 40));
            Assert.That(live.Version, Is.EqualTo(60));
            Assert.That(live.CataloguesAlive, Is.EqualTo(1));
        });
    }

    /// <summary>Changes an index step by step and yields, for each state, the answers to all queries.</summary>
    private static IEnumerable<string[]> Script(LiveIndex live, Matrix queries, WorkerTeam team)
    {
        int[] found = new int[K];
        float[] scores = new float[K];
        yield return Answers();
        for (int change = 0; change < Changes; change++)
        {
            int query = change % Queries;
            if (change % (Changes / Added) == 0)
            {
                using Matrix some = new(3, queries.Columns);
                for (int i = 0; i < 3; i++)
                {
                    for (int l = 0; l < queries.Columns; l++)
                        some.Row(i)[l] = queries.Row(query)[l] * (3 + (0.1f * change) + i);
                }

                live.Add(some, team);
            }
            else if (change % 7 == 3)
            {
                live.Unban([.. Enumerable.Range(0, Old)]);
            }
            else
            {
                live.Search(queries.Row(query), found, scores);
                live.Ban(found[change % 3]);
            }

            yield return Answers();
        }

        string[] Answers()
        {
            string[] answers = new string[queries.Rows];
            for (int query = 0; query < answers.Length; query++)
                answers[query] = Print(found, scores, live.Search(queries.Row(query), found, scores));
            return answers;
        }
    }

    private static string Print(int[] items, float[] scores, int count) =>
        string.Join(' ', items.Take(count).Zip(scores, (item, score) => $"{item}:{BitConverter.SingleToInt32Bits(score):x}"));
}
