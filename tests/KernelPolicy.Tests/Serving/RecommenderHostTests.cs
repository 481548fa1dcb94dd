using KernelPolicy.Policy;
using KernelPolicy.Tests.Support;
using NUnit.Framework;

namespace KernelPolicy.Tests.Serving;

/// <summary>One recommender in place of another while requests run.</summary>
public sealed class RecommenderHostTests
{
    [Test]
    public void A_lease_outlives_the_replacement()
    {
        using ServingCase first = new(seed: 1, idPrefix: "a"), second = new(seed: 5, idPrefix: "b");
        Recommender old = new(first.Policy, first.Index);
        using RecommenderHost host = new(old);
        int[] items = new int[3];
        float[] scores = new float[3];
        using (RecommenderLease lease = host.Acquire())
        {
            host.Replace(new Recommender(second.Policy, second.Index));
            Assert.That(lease.Recommender.Recommend(first.Context(0), items, scores), Is.EqualTo(3));
            Assert.That(lease.Recommender.IdOf(items[0]), Does.StartWith("a"));
            using RecommenderLease now = host.Acquire();
            Assert.That(now.Recommender.IdOf(0), Does.StartWith("b"));
        }

        Assert.That(() => old.IdOf(0), Throws.InstanceOf<ObjectDisposedException>(), "its last user has left");
        Assert.That(host.Version, Is.EqualTo(1));
        host.Dispose();
        Assert.That(() => { using RecommenderLease lease = host.Acquire(); }, Throws.InstanceOf<ObjectDisposedException>());
    }

    [Test]
    public void A_recommender_that_somebody_else_disposed_of_is_no_endless_wait()
    {
        using ServingCase only = new();
        Recommender recommender = new(only.Policy, only.Index);
        using RecommenderHost host = new(recommender);
        recommender.Dispose();
        Assert.That(() => { using RecommenderLease lease = host.Acquire(); }, Throws.InstanceOf<ObjectDisposedException>());
    }

    [Test]
    public void An_acquisition_allocates_nothing()
    {
        using ServingCase only = new();
        using RecommenderHost host = new(new Recommender(only.Policy, only.Index));
        Allocations.AssertNone(() =>
        {
            using RecommenderLease lease = host.Acquire();
        });
    }

    /// <summary>Bundles are swapped as fast as they open, while four threads ask: each answer is whole of one of them, none fails, and
    /// in the end only the last is open.</summary>
    [Test]
    public void Requests_during_swaps_see_one_bundle_whole()
    {
        using ServingCase a = new(seed: 1, idPrefix: "a"), b = new(seed: 5, idPrefix: "b");
        string folder = Directory.CreateTempSubdirectory("kernelpolicy-swap-").FullName;
        try
        {
            string[] paths = [Path.Combine(folder, "a.kpolicy"), Path.Combine(folder, "b.kpolicy")];
            ServingBundle.Save(paths[0], a.Policy, a.Index);
            ServingBundle.Save(paths[1], b.Policy, b.Index);
            float[] context = a.Context(0);
            string[][] answers = [Answer(a, context), Answer(b, context)];
            using RecommenderHost host = new(Recommender.Open(paths[0]));
            List<Recommender> all = [];
            using CancellationTokenSource end = new();
            Task<int>[] readers = [.. Enumerable.Range(0, 4).Select(_ => Task.Run(() => Ask(host, context, answers, end.Token)))];
            for (int swap = 1; swap <= 200; swap++)
            {
                Recommender next = Recommender.Open(paths[swap % 2]);
                all.Add(next);
                host.Replace(next);
            }

            end.Cancel();
            Assert.That(Task.WaitAll(readers, TimeSpan.FromMinutes(1)), Is.True);
            Assert.That(readers.Sum(reader => reader.Result), Is.Positive);
            foreach (Recommender replaced in all[..^1])
                Assert.That(() => replaced.IdOf(0), Throws.InstanceOf<ObjectDisposedException>());
        }
        finally
        {
            Directory.Delete(folder, true);
        }
    }

    private static string[] Answer(ServingCase one, float[] context)
    {
        using Recommender recommender = new(one.Policy, one.Index);
        int[] items = new int[5];
        recommender.Recommend(context, items, new float[5]);
        return [.. items.Select(recommender.IdOf)];
    }

    private static int Ask(RecommenderHost host, float[] context, string[][] answers, CancellationToken end)
    {
        int[] items = new int[5];
        float[] scores = new float[5];
        int asked = 0;
        do
        {
            using RecommenderLease lease = host.Acquire();
            lease.Recommender.Recommend(context, items, scores);
            string[] ids = [.. items.Select(lease.Recommender.IdOf)];
            if (!answers.Any(answer => answer.SequenceEqual(ids)))
                throw new InvalidOperationException($"Neither of the two: {string.Join(", ", ids)}.");
            asked++;
        }
        while (!end.IsCancellationRequested);
        return asked;
    }
}
