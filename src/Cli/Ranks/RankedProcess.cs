using KernelPolicy.Distributed;

namespace KernelPolicy.Cli.Ranks;

/// <summary>What is different in a process that mpirun has started.</summary>
internal static class RankedProcess
{
    // Help and version are the root's.
    private const string RootName = "kernelpolicy";

    /// <summary>Whether this is one of several ranks.</summary>
    public static bool IsOneOfMany => MpiEnvironment.Ranks > 1;

    /// <summary>Whether this process tells of what all do: rank 0 does.</summary>
    public static bool Speaks => MpiEnvironment.Rank == 0;

    /// <summary>Throws where mpirun has started several ranks of a command that is for one process.</summary>
    /// <exception cref="ArgumentException">It has.</exception>
    public static void RequireOne(string command)
    {
        if (IsOneOfMany && command is not ("train" or RootName))
            throw new ArgumentException($"mpirun has started {MpiEnvironment.Ranks} ranks of '{command}', which is for one process: each would do the same. 'train' can be spread.");
    }
}
