using KernelPolicy.ClosedLoop;
using KernelPolicy.Kernels;
using NUnit.Framework;

namespace KernelPolicy.Tests.Samples;

/// <summary>The sample on a small world: what it learns from its own log serves better, and again so.</summary>
public sealed class ClosedLoopTests
{
    private static readonly LoopOptions Small = new() { Items = 400, Dimension = 4, Rounds = 3, Requests = 4000 };

    /// <summary>Rewards are mean chances over 4000 users, whose standard error is below 0.005; each is compared with what the same
    /// users would have had.</summary>
    [Test]
    public void Rewards_rise_from_random_towards_the_best()
    {
        RoundReport[] rounds = Run(2);
        Assert.That(rounds[0].Share, Is.EqualTo(0).Within(0.05), "untrained");
        Assert.That(rounds[1].Share, Is.GreaterThan(0.3));
        Assert.That(rounds[2].Share, Is.GreaterThan(0.5));
    }

    [Test]
    public void The_same_seed_gives_the_same_rounds_at_any_number_of_threads() => Assert.That(Run(1), Is.EqualTo(Run(3)));

    private static RoundReport[] Run(int threads)
    {
        using WorkerTeam team = new(threads);
        return [.. new Loop(Small, team).Run()];
    }
}
