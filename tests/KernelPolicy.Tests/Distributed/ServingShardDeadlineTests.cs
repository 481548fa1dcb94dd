using System.Diagnostics;
using KernelPolicy.Distributed;
using NUnit.Framework;

namespace KernelPolicy.Tests.Distributed;

/// <summary>A shard that does not answer is left out, and said to be; what it answers later goes nowhere.</summary>
internal sealed class ServingShardDeadlineTests
{
    // Long enough that shards which may answer do, on a machine that does other things too: they take about a millisecond.
    private static readonly TimeSpan Deadline = TimeSpan.FromMilliseconds(700);

    [Test]
    public void A_slow_shard_makes_a_marked_partial_answer()
    {
        using ServingShardCase made = new(3);
        (ShardedRecommender sharded, GatedShard gated) = Gated(made);
        float[] context = made.Whole.Context(1);
        int[] items = new int[200], own = [.. Enumerable.Range(gated.Place.First, gated.Place.Count)];
        float[] scores = new float[200];
        gated.Shut();
        long start = Stopwatch.GetTimestamp();
        ShardedAnswer answer = sharded.Recommend(context, items, scores, new ShardedScope { Deadline = Deadline });
        TimeSpan took = Stopwatch.GetElapsedTime(start);
        (int[] expected, float[] expectedScores) = made.Expected(context, 200, own);
        Assert.That(answer, Is.EqualTo(new ShardedAnswer(expected.Length, 0b010, 0, 200 - own.Length, 200)));
        Assert.That((answer.IsComplete, answer.CountMissing, answer.SearchedShare), Is.EqualTo((false, 1, (200.0 - own.Length) / 200)));
        Assert.That(items[..answer.Found], Is.EqualTo(expected));
        Assert.That(scores[..answer.Found], Is.EqualTo(expectedScores));

        // Not before the deadline, and not by how long the gate is shut, which is for ever: a minute is any machine's.
        Assert.That(took, Is.GreaterThanOrEqualTo(Deadline).And.LessThan(TimeSpan.FromMinutes(1)));
    }

    [Test]
    public void A_late_answer_is_not_mixed_into_later_ones()
    {
        using ServingShardCase made = new(3);
        (ShardedRecommender sharded, GatedShard gated) = Gated(made);
        int[] items = new int[10];
        float[] scores = new float[10];
        for (int round = 0; round < 3; round++)
        {
            gated.Shut();
            for (int request = 0; request < 2; request++)
                Assert.That(sharded.Recommend(made.Whole.Context(request), items, scores, Short()).IsMissing(1), Is.True);
            Assert.That(gated.Held, Is.EqualTo(2));
            gated.OpenWithPoison();
            for (int request = 0; request < 4; request++)
            {
                float[] context = made.Whole.Context(10 + request);
                Assert.That(sharded.Recommend(context, items, scores).IsComplete, Is.True);
                Assert.That(items, Is.EqualTo(made.Expected(context, 10).Items));
            }
        }
    }

    [Test]
    public void Late_answers_and_requests_at_the_same_time_do_not_meet()
    {
        using ServingShardCase made = new(3);
        (ShardedRecommender sharded, GatedShard gated) = Gated(made);
        int[][] whole = [.. Enumerable.Range(0, 8).Select(i => made.Expected(made.Whole.Context(i), 6).Items)];
        int[] own = [.. Enumerable.Range(gated.Place.First, gated.Place.Count)];
        int[][] without = [.. Enumerable.Range(0, 8).Select(i => made.Expected(made.Whole.Context(i), 6, own).Items)];
        using CancellationTokenSource stop = new();
        Thread shutter = new(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                gated.Shut();
                SpinWait.SpinUntil(() => gated.Held >= 2 || stop.IsCancellationRequested);
                gated.OpenWithPoison();
                Thread.Sleep(1);
            }
        });
        shutter.Start();
        int poisoned = 0;
        try
        {
            Parallel.For(0, 200, new ParallelOptions { MaxDegreeOfParallelism = 4 }, request =>
            {
                int[] items = new int[6];
                float[] scores = new float[6];
                ShardedAnswer answer = sharded.Recommend(made.Whole.Context(request % 8), items, scores, Short());
                if (scores[0] > 1e29f)
                    Interlocked.Increment(ref poisoned);   // It came in time: it is this request's own.
                else if (answer.MissingShards is 0 or 0b010)
                    Assert.That(items, Is.EqualTo((answer.IsComplete ? whole : without)[request % 8]));
            });
        }
        finally
        {
            stop.Cancel();
            shutter.Join();
        }

        gated.OpenWithPoison();
        int[] last = new int[6];
        Assert.That(sharded.Recommend(made.Whole.Context(1), last, new float[6]).IsComplete, Is.True);
        Assert.That(last, Is.EqualTo(whole[1]));
        TestContext.Out.WriteLine($"{poisoned} answers came in time");
    }

    [Test]
    public void No_shard_in_time_is_an_empty_marked_answer()
    {
        using ServingShardCase made = new(2);
        GatedShard[] gated = [.. made.Open().Select(shard => new GatedShard(shard))];
        ShardedRecommender sharded = made.Over(gated);
        foreach (GatedShard shard in gated)
            shard.Shut();
        int[] items = new int[3];
        ShardedAnswer answer = sharded.Recommend(made.Whole.Context(1), items, new float[3], Short());
        Assert.That(answer, Is.EqualTo(new ShardedAnswer(0, 0b11, 0, 0, 200)));
        Assert.That(answer.SearchedShare, Is.Zero);
        answer = sharded.RecommendTo([1, 199], items, new float[3], Short());
        Assert.That(answer, Is.EqualTo(new ShardedAnswer(0, 0b11, 0b11, 0, 200)));
        Assert.That(sharded.Find(["item-1"], items, TimeSpan.FromMilliseconds(5)), Is.EqualTo(0b11));
        Assert.That(items[0], Is.EqualTo(-1));
        Assert.That(sharded.IdsOf([0, 199], TimeSpan.FromMilliseconds(5)), Is.EqualTo(new string?[] { null, null }));
        foreach (GatedShard shard in gated)
            shard.OpenWithPoison();
    }

    [Test]
    public void A_shard_of_the_history_that_is_missing_marks_the_context()
    {
        using ServingShardCase made = new(2);
        LocalShard[] shards = made.Open();
        GatedShard gated = new(shards[1]);
        ShardedRecommender sharded = made.Over(shards[0], gated);
        gated.Shut();
        int[] items = new int[5], expected = new int[5];
        float[] scores = new float[5];
        ShardedAnswer answer = sharded.RecommendTo([1, 2, 199], items, scores, new ShardedScope { Deadline = Deadline });
        Assert.That((answer.MissingHistory, answer.MissingShards, answer.IsComplete), Is.EqualTo((0b10UL, 0b10UL, false)));

        // The context is the mean over the items that are known.
        ShardedAnswer known = sharded.RecommendTo([1, 2], expected, new float[5], new ShardedScope { Deadline = Deadline });
        Assert.That((known.MissingHistory, known.MissingShards), Is.EqualTo((0UL, 0b10UL)));
        Assert.That(items, Is.EqualTo(expected));
        gated.OpenWithPoison();
        Assert.That(sharded.RecommendTo([1, 2, 199], items, scores).IsComplete, Is.True);
    }

    [Test]
    public void A_shard_that_is_gone_costs_no_time()
    {
        using ServingShardCase made = new(2);
        LocalShard[] shards = made.Open();
        shards[1].Dispose();
        ShardedRecommender sharded = made.Over(shards);
        ShardedAnswer answer = sharded.Recommend(made.Whole.Context(1), new int[3], new float[3]);
        Assert.That((answer.MissingShards, answer.Found), Is.EqualTo((0b10UL, 3)));
        Assert.That(sharded.LastFailureOf(1), Is.TypeOf<ObjectDisposedException>());
        Assert.That(sharded.LastFailureOf(0), Is.Null);
    }

    [Test]
    public void A_question_whose_deadline_has_passed_is_not_searched()
    {
        using ServingShardCase made = new(2);
        LocalShard shard = made.Open()[0];
        using Ending ending = new();
        ShardCall late = new(made.Whole.Dimension);
        late.Begin(ending, ShardOperation.Search, 3, Stopwatch.GetTimestamp() - 1);
        shard.Start(late);
        ending.Wait();
        Assert.That(late.Failure, Is.TypeOf<TimeoutException>());
        Assert.That(late.FoundScores.ToArray(), Is.All.Zero);
        Assert.That(() => late.Complete(0), Throws.InvalidOperationException.With.Message.Contains("ended already"));
    }

    private sealed class Ending : IShardCaller, IDisposable
    {
        private readonly ManualResetEventSlim _ended = new();

        public void Ended(ShardCall call) => _ended.Set();

        public void Wait() => Assert.That(_ended.Wait(TimeSpan.FromMinutes(1)), Is.True);

        public void Dispose() => _ended.Dispose();
    }

    private static ShardedScope Short() => new() { Deadline = TimeSpan.FromMilliseconds(5) };

    private static (ShardedRecommender Sharded, GatedShard Gated) Gated(ServingShardCase made)
    {
        LocalShard[] shards = made.Open();
        GatedShard gated = new(shards[1]);
        return (made.Over(shards[0], gated, shards[2]), gated);
    }
}
