using System.CommandLine;
using KernelPolicy.Cli.Options;
using KernelPolicy.Cli.Output;

namespace KernelPolicy.Cli.Commands;

/// <summary>A command of the tool.</summary>
internal abstract class ToolCommand : Command
{
    private protected ToolCommand(string name, string description, ToolContext context)
        : base(name, description)
    {
        Context = context;
        SetAction(Run);
    }

    /// <summary>Command lines to learn from, for the help.</summary>
    public abstract IReadOnlyList<Example> Examples { get; }

    /// <summary>Where to write, and when to stop.</summary>
    protected ToolContext Context { get; }

    /// <summary>Carries the command out.</summary>
    /// <returns>One of <see cref="ExitCode"/>.</returns>
    protected abstract int Run(ParseResult parsed);

    /// <summary>Takes a set of options.</summary>
    protected TSet Take<TSet>(TSet set)
        where TSet : IOptionSet
    {
        set.AddTo(this);
        return set;
    }
}
