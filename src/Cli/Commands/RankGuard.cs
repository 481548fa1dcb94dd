using KernelPolicy.Cli.Ranks;
using KernelPolicy.Policy;

namespace KernelPolicy.Cli.Commands;

/// <summary>Lets no rank wait for one that has failed.</summary>
internal static class RankGuard
{
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    /// <summary>Does the work of one rank of several. Where it fails, the rank says so and ends all: the others would wait for it.</summary>
    /// <param name="ranks">The ranks.</param>
    /// <param name="error">Receives what is wrong.</param>
    /// <param name="work">The work.</param>
    /// <param name="cancellation">What asks to stop. Between steps all ranks do so together, and that is no failure.</param>
    public static T Run<T>(TrainingRanks ranks, TextWriter error, Func<T> work, CancellationToken cancellation)
    {
        if (ranks.Count == 1)
            return work();
        try
        {
            return work();
        }
        catch (TrainingGroupException)
        {
            // The rank that has failed tells why, and ends all.
            Thread.Sleep(Grace);
            ranks.Communicator.Abort(ExitCode.Failure);
            throw;
        }
        catch (Exception e) when (!(e is OperationCanceledException && ranks.Group.HasStopped))
        {
            // Before the end of all: what MPI says of it does not always name the rank.
            Failure failure = Failure.Describe(e, cancellation);
            error.WriteLine($"error: rank {ranks.Communicator.Rank} on {ranks.Communicator.Host}: {failure.Message}");
            error.Flush();
            ranks.Communicator.Abort(failure.ExitCode);
            throw;
        }
    }
}
