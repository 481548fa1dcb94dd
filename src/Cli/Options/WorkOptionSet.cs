using System.CommandLine;

namespace KernelPolicy.Cli.Options;

/// <summary>What work is done with.</summary>
/// <param name="Threads">Threads, the calling one included.</param>
/// <param name="Seed">Names all random draws.</param>
internal sealed record WorkChoice(int Threads, ulong Seed);

/// <summary>Options on threads and randomness.</summary>
internal sealed class WorkOptionSet : OptionSet<WorkChoice>
{
    private readonly Option<int> _threads = OptionFactory.Number(
        "--threads", "Threads to work with, by default one a processor. The result does not depend on them.",
        Environment.ProcessorCount, 1, 1024);

    private readonly Option<ulong> _seed = OptionFactory.Number(
        "--seed", "Names all random draws: the same seed gives the same result.", 1UL, 0UL, ulong.MaxValue);

    /// <inheritdoc/>
    public override IEnumerable<Option> All => [_threads, _seed];

    /// <inheritdoc/>
    public override WorkChoice Bind(ParseResult parsed) =>
        new(parsed.GetRequiredValue(_threads), parsed.GetRequiredValue(_seed));
}
