using KernelPolicy.Distributed;

namespace KernelPolicy.Cli.Ranks;

/// <summary>What is different in a process that mpirun has started.</summary>
internal static class RankedProcess
{
    /// <summary>Whether this is one of several ranks.</summary>
    public static bool IsOneOfMany => MpiEnvironment.Ranks > 1;

    /// <summary>Whether this process tells of what all do: rank 0 does.</summary>
    public static bool Speaks => MpiEnvironment.Rank == 0;

    /// <summary>Throws where mpirun has started several ranks of a command that is for one process.</summary>
    /// <exception cref="ArgumentException">It has.</exception>
    public static void RequireOne(string command)
    {
        if (IsOneOfMany && command != "train")
            throw new ArgumentException($"mpirun has started {MpiEnvironment.Ranks} ranks of '{command}', which is for one process: each would do the same. 'train' can be spread.");
    }

    /// <summary>Where a failure is told of: one that all ranks share by rank 0 alone.</summary>
    public static TextWriter Tells(Failure failure, TextWriter error) =>
        Speaks || failure.ExitCode == ExitCode.Failure ? error : TextWriter.Null;

    /// <summary>Does the work of one rank of several. Where it fails, the rank says so and ends all: the others would wait for it.</summary>
    /// <param name="ranks">The ranks.</param>
    /// <param name="error">Receives what is wrong.</param>
    /// <param name="cancellation">What asks to stop, which is no failure: all ranks have stopped then.</param>
    /// <param name="work">The work.</param>
    public static T Guard<T>(TrainingRanks ranks, TextWriter error, CancellationToken cancellation, Func<T> work)
    {
        if (ranks.Count == 1)
            return work();
        try
        {
            return work();
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            Failure failure = Failure.Describe(e, cancellation);
            error.WriteLine($"error: rank {ranks.Communicator.Rank} on {ranks.Communicator.Host}: {failure.Message}");
            error.Flush();
            ranks.Communicator.Abort(failure.ExitCode);
            throw;
        }
    }
}
