namespace KernelPolicy.Cli;

/// <summary>What the tool's exit codes mean.</summary>
internal static class ExitCode
{
    /// <summary>All went well.</summary>
    public const int Success = 0;

    /// <summary>The command was understood but could not be carried out: bad data, a missing file, a device that is
    /// not there or too small, a training that diverged.</summary>
    public const int Failure = 1;

    /// <summary>The command line makes no sense.</summary>
    public const int Usage = 2;

    /// <summary>Stopped by the user; 128 + SIGINT, as shells have it.</summary>
    public const int Cancelled = 130;
}
