using KernelPolicy.Distributed;
using NUnit.Framework;

namespace KernelPolicy.Tests.Distributed;

/// <summary>Ranks for which the others wait are named.</summary>
[TestFixture]
public sealed class RankPaceTests
{
    private static readonly string[] Hosts = ["alpha", "alpha", "beta", "gamma"];

    private readonly List<string> _told = [];

    [SetUp]
    public void Forget() => _told.Clear();

    [Test]
    public void A_slow_rank_is_named_once_with_its_host_and_again_when_it_keeps_pace()
    {
        RankPace pace = new(Hosts, _told.Add);
        Add(pace, 300, 0.01f, 0.011f, 0.03f, 0.01f);
        Assert.That(_told, Is.EqualTo(new[] { "rank 2 on beta is slow: 30.00 ms of work a step, where the median is 10.00" }));
        Add(pace, 300, 0.01f, 0.011f, 0.012f, 0.01f);
        Assert.That(_told[1..], Is.EqualTo(new[] { "rank 2 on beta keeps pace again: 12.00 ms of work a step, where the median is 10.00" }));
    }

    [Test]
    public void Of_two_ranks_the_slower_is_measured_by_the_faster()
    {
        RankPace pace = new(["a", "b"], _told.Add);
        Add(pace, 200, 0.01f, 0.02f);
        Assert.That(_told.Single(), Does.StartWith("rank 1 on b is slow"));
    }

    [Test]
    public void Ranks_that_differ_by_less_than_half_are_not_named()
    {
        RankPace pace = new(Hosts, _told.Add);
        Add(pace, 500, 0.010f, 0.014f, 0.012f, 0.013f);
        Assert.That(_told, Is.Empty);
        Assert.That(pace.Seconds, Has.Count.EqualTo(4));
    }

    [Test]
    public void A_short_pause_is_no_judgement()
    {
        RankPace pace = new(["a", "b"], _told.Add);
        // 100 steps, but a tenth of a second of work.
        Add(pace, 150, 0.0002f, 0.001f);
        Assert.That(_told, Is.Empty);
    }

    [Test]
    public void Ranks_that_differ_in_what_they_must_have_in_common_all_hear_which() => LocalRanks.Run(3, communicator =>
    {
        string width = communicator.Rank == 2 ? "256" : "512";
        RankAgreement.Check(communicator, "seed", "1", "");
        Assert.That(
            () => RankAgreement.Check(communicator, "vector width", width, "Set it."),
            Throws.InstanceOf<RankFailedException>().With.Message.EqualTo("Ranks differ in vector width: rank 0 has 512, rank 2 has 256. Set it."));
        Assert.That(RankAgreement.Texts(communicator, $"host {communicator.Rank}"), Is.EqualTo(new[] { "host 0", "host 1", "host 2" }));
    });

    private static void Add(RankPace pace, int steps, params float[] seconds)
    {
        for (int step = 0; step < steps; step++)
            pace.Add(seconds);
    }
}
