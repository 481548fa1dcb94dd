using System.Diagnostics;
using KernelPolicy.Kernels;
using KernelPolicy.Tests.Support;
using NUnit.Framework;

namespace KernelPolicy.Tests.Foundation;

[CancelAfter(60_000)]
public class WorkerTeamTests
{
    /// <summary>Where other programs hold the processors a job waits its turn for each of its workers: the repeated ones
    /// stop after this time.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(1.5);

    [Test]
    public void Every_piece_is_done_once([Values(1, 2, 3, 7)] int threads, [Values(0, 1, 2, 5, 64, 1000)] int pieces)
    {
        using WorkerTeam team = new(threads);
        Assert.That(team.Threads, Is.EqualTo(threads));
        Counting work = new(pieces, threads);
        for (int run = 1; run <= 3; run++)
        {
            team.Run(work, pieces);
            Assert.That(work.Done, Is.All.EqualTo(run));
        }

        work.AssertNoFault();
    }

    [Test]
    public void A_worker_does_one_piece_at_a_time([Values(2, 3)] int threads)
    {
        using WorkerTeam team = new(threads);
        Counting work = new(400, threads) { Spin = 200 };
        for (int run = 0; run < 10; run++)
            team.Run(work, 400);
        work.AssertNoFault();
    }

    [Test]
    public void Thousands_of_tiny_jobs([Values(2, 3)] int threads)
    {
        using WorkerTeam team = new(threads);
        Counting work = new(5, threads);
        int[] expected = new int[5];
        Stopwatch clock = Stopwatch.StartNew();
        for (int run = 0; run < 20_000 && clock.Elapsed < Longest; run++)
        {
            int pieces = 2 + (run % 4);
            team.Run(work, pieces);
            for (int piece = 0; piece < pieces; piece++)
                expected[piece]++;
            if (run % 500 == 499)
                Thread.Sleep(5);
        }

        work.AssertNoFault();
        Assert.That(work.Done, Is.EqualTo(expected));
    }

    [Test]
    public void Sleeping_workers_wake()
    {
        using WorkerTeam team = new(3);
        Counting work = new(50, 3);
        for (int run = 1; run <= 10; run++)
        {
            Thread.Sleep(20);
            team.Run(work, 50);
            Assert.That(work.Done, Is.All.EqualTo(run));
        }
    }

    [Test]
    public void What_pieces_write_is_seen_by_the_caller_and_by_the_next_job()
    {
        using WorkerTeam team = new(2);
        Prefix work = new(64);
        Stopwatch clock = Stopwatch.StartNew();
        int runs = 0;
        for (; runs < 2000 && clock.Elapsed < Longest; runs++)
            team.Run(work, 64);
        Assert.That(work.Values, Is.All.EqualTo(runs));
    }

    [Test]
    public void An_exception_is_rethrown_and_the_team_lives_on(
        [Values(1, 2, 7)] int threads, [Values(0, 17, 99)] int culprit)
    {
        using WorkerTeam team = new(threads);
        for (int round = 0; round < 5; round++)
        {
            Failing failing = new(culprit);
            Assert.That(
                () => team.Run(failing, 100),
                Throws.TypeOf<InvalidDataException>().With.Message.EqualTo($"piece {culprit}"));
            Counting work = new(100, threads);
            team.Run(work, 100);
            Assert.That(work.Done, Is.All.EqualTo(1));
        }
    }

    [Test]
    public void Where_all_pieces_fail_one_failure_is_rethrown()
    {
        using WorkerTeam team = new(3);
        for (int round = 0; round < 20; round++)
            Assert.That(() => team.Run(new Failing(-1), 20), Throws.TypeOf<InvalidDataException>());
    }

    [Test]
    public void Callers_on_several_threads_wait_for_each_other([Values(2, 3)] int threads)
    {
        using WorkerTeam team = new(threads);
        Counting shared = new(8, threads);
        Stopwatch clock = Stopwatch.StartNew();
        int runs = 0;
        Thread[] callers = [.. Enumerable.Range(0, 3).Select(_ => new Thread(() =>
        {
            for (int run = 0; run < 1000 && clock.Elapsed < Longest; run++)
            {
                team.Run(shared, 8);
                Interlocked.Increment(ref runs);
            }
        }))];
        foreach (Thread caller in callers)
            caller.Start();
        foreach (Thread caller in callers)
            caller.Join();
        shared.AssertNoFault();
        Assert.That(shared.Done, Is.All.EqualTo(runs));
    }

    /// <summary>A worker's number is the key to its scratch memory: two callers must not be worker 0 at once, whatever
    /// the size of their jobs.</summary>
    [Test]
    public void Callers_with_small_jobs_wait_for_each_other_too([Values(1, 2)] int threads, [Values(1, 2)] int pieces)
    {
        using WorkerTeam team = new(threads);
        Counting shared = new(pieces, threads) { Pause = TimeSpan.FromMilliseconds(2) };
        Thread[] callers = [.. Enumerable.Range(0, 2).Select(_ => new Thread(() =>
        {
            for (int run = 0; run < 20; run++)
                team.Run(shared, pieces);
        }))];
        foreach (Thread caller in callers)
            caller.Start();
        foreach (Thread caller in callers)
            caller.Join();
        shared.AssertNoFault();
    }

    [Test]
    public void A_job_within_a_piece_is_refused([Values(1, 2)] int threads, [Values(1, 8)] int pieces)
    {
        using WorkerTeam team = new(threads), other = new(2);
        Assert.That(() => team.Run(new Nesting(team), pieces), Throws.InvalidOperationException);
        team.Run(new Nesting(other), pieces);
        Counting work = new(8, threads);
        team.Run(work, 8);
        Assert.That(work.Done, Is.All.EqualTo(1));
    }

    [Test]
    public void A_job_allocates_nothing([Values(1, 2, 3)] int threads)
    {
        using WorkerTeam team = new(threads);
        Counting work = new(16, threads);
        Allocations.AssertNone(() => team.Run(work, 16), warmUp: 30);
    }

    [Test]
    public void A_job_that_wakes_sleepers_allocates_nothing()
    {
        using WorkerTeam team = new(2);
        Counting work = new(16, 2);
        Allocations.AssertNone(
            () =>
            {
                Thread.Sleep(3);
                team.Run(work, 16);
            },
            warmUp: 20,
            repeats: 1);
    }

    [TestCase(0)]
    [TestCase(-1)]
    [TestCase(1025)]
    public void A_number_of_threads_that_makes_no_sense_is_refused(int threads) =>
        Assert.That(() => new WorkerTeam(threads), Throws.TypeOf<ArgumentOutOfRangeException>());

    [Test]
    public void A_disposed_team_refuses_work([Values(1, 2)] int threads)
    {
        WorkerTeam team = new(threads);
        team.Dispose();
        team.Dispose();
        Assert.That(() => team.Run(new Counting(1, threads), 1), Throws.TypeOf<ObjectDisposedException>());
        Assert.That(() => team.Run(new Counting(5, threads), 5), Throws.TypeOf<ObjectDisposedException>());
    }

    [Test]
    public void Many_teams_come_and_go()
    {
        for (int i = 0; i < 20; i++)
        {
            using WorkerTeam team = new(3);
            Counting work = new(6, 3);
            if (i % 2 == 0)
                team.Run(work, 6);
        }
    }

    /// <summary>Counts how often each piece was done, and notes a worker out of range or in two places at once.</summary>
    private sealed class Counting(int pieces, int workers) : IParallelWork
    {
        private readonly int[] _inside = new int[workers];
        private int _outOfRange;
        private int _overlaps;

        public int[] Done { get; } = new int[pieces];

        public int Spin { get; init; }

        public TimeSpan Pause { get; init; }

        public void Execute(int index, int worker)
        {
            if ((uint)worker >= (uint)_inside.Length)
            {
                Interlocked.Increment(ref _outOfRange);
                return;
            }

            if (Interlocked.Increment(ref _inside[worker]) != 1)
                Interlocked.Increment(ref _overlaps);
            Interlocked.Increment(ref Done[index]);
            if (Spin > 0)
                Thread.SpinWait(Spin);
            if (Pause > TimeSpan.Zero)
                Thread.Sleep(Pause);
            Interlocked.Decrement(ref _inside[worker]);
        }

        public void AssertNoFault()
        {
            using (Assert.EnterMultipleScope())
            {
                Assert.That(_outOfRange, Is.Zero, "calls with a worker out of range");
                Assert.That(_overlaps, Is.Zero, "calls of a worker that was at work already");
            }
        }
    }

    /// <summary>Each piece takes its neighbour's value of the job before, without any synchronisation of its own.</summary>
    private sealed class Prefix(int pieces) : IParallelWork
    {
        private readonly int[][] _values = [new int[pieces], new int[pieces]];
        private int _left = pieces;
        private int _run;

        public int[] Values => _values[_run % 2];

        public void Execute(int index, int worker)
        {
            int run = _run;
            int[] from = _values[run % 2], to = _values[(run + 1) % 2];
            to[index] = from[(index + 1) % from.Length] + 1;
            if (Interlocked.Decrement(ref _left) == 0)
            {
                _left = from.Length;
                _run = run + 1;
            }
        }
    }

    /// <summary>Starts a job within each piece.</summary>
    private sealed class Nesting(WorkerTeam team) : IParallelWork
    {
        public void Execute(int index, int worker) => team.Run(new Counting(3, 2), 3);
    }

    /// <summary>Fails at one piece, or at all where it is −1.</summary>
    private sealed class Failing(int culprit) : IParallelWork
    {
        public void Execute(int index, int worker)
        {
            if (culprit < 0 || index == culprit)
                throw new InvalidDataException($"piece {index}");
        }
    }
}
