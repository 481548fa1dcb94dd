namespace KernelPolicy.Distributed;

/// <summary>A call of MPI has failed.</summary>
/// <param name="message">Which, and in the words of MPI why.</param>
public sealed class MpiException(string message) : Exception(message);

/// <summary>There is no MPI to run on.</summary>
/// <param name="message">What is missing, and what to install.</param>
public sealed class MpiUnavailableException(string message) : Exception(message)
{
    /// <summary>What to do about it.</summary>
    internal const string Remedy =
        "Install Open MPI 4 or 5 on every machine (Debian and Ubuntu: apt install openmpi-bin) and start with "
        + "mpirun -n RANKS kernelpolicy ...; on one machine nothing of it is needed.";
}
