using KernelPolicy.Data;

namespace KernelPolicy.Cli.Pipeline;

/// <summary>The synthetic log that is drawn where no file is named.</summary>
internal static class SyntheticLog
{
    /// <summary>Decisions of the log.</summary>
    public const int Decisions = 20_000;

    /// <summary>The problem of a seed.</summary>
    public static SyntheticBanditOptions Problem(ulong seed) => new() { Seed = seed };
}
