using System.CommandLine;

namespace KernelPolicy.Cli.Options;

/// <summary>The option on a trained policy.</summary>
/// <param name="isRequired">Whether the command can do nothing without one.</param>
internal sealed class PolicyOptionSet(bool isRequired = true) : OptionSet<string>
{
    private readonly Option<string> _policy = new("--policy")
    {
        Description = "Folder of a training, or the policy file within it.",
        HelpName = "DIR",
        Required = isRequired,
    };

    /// <inheritdoc/>
    public override IEnumerable<Option> All => [_policy];

    /// <inheritdoc/>
    public override string Bind(ParseResult parsed) => parsed.GetValue(_policy) ?? "";
}
