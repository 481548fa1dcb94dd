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
