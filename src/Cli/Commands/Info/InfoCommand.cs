using System.CommandLine;
using KernelPolicy.Cli.Machine;
using KernelPolicy.Cli.Options;
using KernelPolicy.Cli.Output;

namespace KernelPolicy.Cli.Commands;

/// <summary>Says what the machine has and what KernelPolicy can use of it.</summary>
internal sealed class InfoCommand : ToolCommand
{
    private readonly OutputOptionSet _output;

    public InfoCommand(ToolContext context)
        : base("info", "Show the processor, its instruction sets, and accelerators or why there are none.", context) =>
        _output = Take(new OutputOptionSet());

    /// <inheritdoc/>
    public override IReadOnlyList<Example> Examples =>
    [
        new("kernelpolicy info", "Show what this machine has."),
        new("kernelpolicy info --json", "The same for a program to read."),
    ];

    /// <inheritdoc/>
    protected override int Run(ParseResult parsed)
    {
        MachineReport report = MachineReport.Read();
        return Answer(_output.Bind(parsed), report, ToolJson.Default.MachineReport, MachineTable.Write);
    }
}
