namespace KernelPolicy.Cli.Commands;

/// <summary>A bundle, as --json tells of it.</summary>
/// <param name="File">Where it is.</param>
/// <param name="Bytes">Its size.</param>
/// <param name="Items">P.</param>
/// <param name="Dimension">L.</param>
/// <param name="EfSearch">How widely its graph searches.</param>
/// <param name="OpenMilliseconds">Time to open it with every check.</param>
/// <param name="OpenUncheckedMilliseconds">Time to open it with its sizes checked only.</param>
internal sealed record BundleReport(
    string File, long Bytes, int Items, int Dimension, int EfSearch, double OpenMilliseconds, double OpenUncheckedMilliseconds);

/// <summary>A policy in shards, as --json tells of it.</summary>
/// <param name="Set">What tells its shards from those of others.</param>
/// <param name="Items">P.</param>
/// <param name="Dimension">L.</param>
/// <param name="Shards">The shards, in their order.</param>
internal sealed record ShardedBundleReport(string Set, int Items, int Dimension, IReadOnlyList<ShardReport> Shards);

/// <summary>A shard.</summary>
/// <param name="File">Where it is.</param>
/// <param name="Bytes">Its size.</param>
/// <param name="First">The number of its first item among all.</param>
/// <param name="Items">How many it holds.</param>
/// <param name="OpenMilliseconds">Time to open it with every check.</param>
internal sealed record ShardReport(string File, long Bytes, int First, int Items, double OpenMilliseconds);
