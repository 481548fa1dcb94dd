using System.CommandLine;

namespace KernelPolicy.Cli.Options;

/// <summary>The option on a trained policy.</summary>
internal sealed class PolicyOptionSet : OptionSet<string>
{
    private readonly Option<string> _policy = new("--policy")
    {
        Description = "Folder of a training, or the policy file within it.",
        HelpName = "DIR",
        Required = true,
    };

    /// <inheritdoc/>
    public override IEnumerable<Option> All => [_policy];

    /// <inheritdoc/>
    public override string Bind(ParseResult parsed) => parsed.GetRequiredValue(_policy);
}
