using System.CommandLine;

namespace KernelPolicy.Cli.Options;

/// <summary>The option on randomness.</summary>
internal sealed class SeedOptionSet : OptionSet<ulong>
{
    private readonly Option<ulong> _seed = OptionFactory.Number(
        "--seed", "Names all random draws: the same seed gives the same result.", 1UL, 0UL, ulong.MaxValue);

    /// <inheritdoc/>
    public override IEnumerable<Option> All => [_seed];

    /// <inheritdoc/>
    public override ulong Bind(ParseResult parsed) => parsed.GetRequiredValue(_seed);
}
