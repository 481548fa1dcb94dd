using System.CommandLine;

namespace KernelPolicy.Cli.Options;

/// <summary>How results are shown.</summary>
/// <param name="Json">As one JSON object, alone on the standard output.</param>
/// <param name="Verbose">With progress beside JSON, and with traces of errors.</param>
internal sealed record OutputChoice(bool Json, bool Verbose);

/// <summary>Options that every command takes.</summary>
internal sealed class OutputOptionSet : OptionSet<OutputChoice>
{
    private readonly Option<bool> _json = OptionFactory.Switch(
        "--json", "Write one JSON object, alone on the standard output; no progress is shown.");

    private readonly Option<bool> _verbose = OptionFactory.Switch(
        "--verbose", "Show progress on the standard error even with --json, and where an error came from.");

    /// <inheritdoc/>
    public override IEnumerable<Option> All => [_json, _verbose];

    /// <inheritdoc/>
    public override OutputChoice Bind(ParseResult parsed) => new(parsed.GetValue(_json), parsed.GetValue(_verbose));
}
