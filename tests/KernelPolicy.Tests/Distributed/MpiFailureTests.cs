using NUnit.Framework;

namespace KernelPolicy.Tests.Distributed;

/// <summary>A rank fails while the others wait for it: the job must end, and say which.</summary>
public class MpiFailureTests
{
    // mpirun of Open MPI 4 looks for a rank that has been killed once a second, and gives the others one more to end; the rest is for a
    // machine that others keep busy.
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(15);

    private const int KilledBySigkill = 128 + 9;

    [TestCase(0)]
    [TestCase(2)]
    public void A_killed_rank_ends_the_job_and_mpirun_names_it(int rank)
    {
        MpiRun run = MpiRun.RankProgram(3, "fail", $"{rank}", "kill");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(run.ExitCode, Is.EqualTo(KilledBySigkill));
            // By Open MPI 4 "mpirun noticed that", by 5 "prterun noticed that"; lines break where they will.
            Assert.That(OneLine(run.Errors), Does.Contain($"noticed that process rank {rank} with PID").And.Contain("exited on signal 9 (Killed)"));
            Assert.That(run.Time, Is.LessThan(Longest));
        }
    }

    [TestCase(0)]
    [TestCase(2)]
    public void A_rank_that_throws_ends_the_job_and_names_itself(int rank)
    {
        MpiRun run = MpiRun.RankProgram(3, "fail", $"{rank}", "throw");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(run.ExitCode, Is.EqualTo(1));
            Assert.That(OneLine(run.Errors), Does.Match($"error: rank {rank} of 3 on \\S+: what a rank could not read"));
            Assert.That(run.Time, Is.LessThan(Longest));
        }
    }

    [Test]
    public void The_other_ranks_are_told_to_end()
    {
        string said = OneLine(MpiRun.RankProgram(3, "fail", "1", "throw").Errors);
        Assert.That(said, Does.Contain("rank 0 of 3 was told to end").And.Contain("rank 2 of 3 was told to end"));
    }

    private static string OneLine(string text) => text.Replace('\n', ' ');
}
