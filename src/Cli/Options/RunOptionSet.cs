using System.CommandLine;
using KernelPolicy.Cli.Pipeline;

namespace KernelPolicy.Cli.Options;

/// <summary>Options on the folder of a training: where results go, and whether to go on from its checkpoint.</summary>
internal sealed class RunOptionSet : OptionSet<(RunFolder Folder, bool Resume)>
{
    private readonly Option<string> _out = new("--out")
    {
        Description = "Folder for the policy, checkpoint, learning curve and report.",
        HelpName = "DIR",
        DefaultValueFactory = _ => "kernelpolicy-run",
    };

    private readonly Option<bool> _resume = OptionFactory.Switch(
        "--resume", "Go on from the checkpoint in the folder; give the same options as before.");

    /// <inheritdoc/>
    public override IEnumerable<Option> All => [_out, _resume];

    /// <inheritdoc/>
    public override (RunFolder Folder, bool Resume) Bind(ParseResult parsed) =>
        (new RunFolder(parsed.GetRequiredValue(_out)), parsed.GetValue(_resume));
}
