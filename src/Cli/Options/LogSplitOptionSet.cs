using System.CommandLine;
using KernelPolicy.Data;

namespace KernelPolicy.Cli.Options;

/// <summary>How decisions are divided.</summary>
/// <param name="Shares">Shares of training and validation.</param>
/// <param name="ByTime">Whether the earliest are trained on and the latest tested on; by chance otherwise.</param>
internal sealed record LogSplit(SplitOptions Shares, bool ByTime)
{
    /// <summary>Divides a log.</summary>
    public BanditSplit Of(BanditLog log, ulong seed) =>
        ByTime ? BanditSplit.ByTime(log, Shares) : BanditSplit.BySeed(log, seed, Shares);
}

/// <summary>Options on how decisions are divided.</summary>
internal sealed class LogSplitOptionSet : OptionSet<LogSplit>
{
    private readonly SplitOptionSet _shares = new("decisions");

    private readonly Option<bool> _byTime = OptionFactory.Switch(
        "--split-by-time", "Train on the earliest decisions and test on the latest; otherwise they are divided by chance.");

    /// <inheritdoc/>
    public override IEnumerable<Option> All => [.. _shares.All, _byTime];

    /// <inheritdoc/>
    public override LogSplit Bind(ParseResult parsed) => new(_shares.Bind(parsed), parsed.GetValue(_byTime));
}
