using System.CommandLine;
using System.Text.Json.Serialization.Metadata;
using KernelPolicy.Cli.Options;
using KernelPolicy.Cli.Output;
using Spectre.Console;

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

    /// <summary>Answers with a report: as JSON where that was asked for, else in words.</summary>
    /// <param name="output">What was asked for.</param>
    /// <param name="report">What there is to say.</param>
    /// <param name="type">How it is written as JSON.</param>
    /// <param name="show">Shows it to a person.</param>
    /// <returns>That the command has succeeded.</returns>
    protected int Answer<T>(OutputChoice output, T report, JsonTypeInfo<T> type, Action<IAnsiConsole, T> show)
    {
        if (output.Json)
            ToolJson.Write(Context.Output, report, type);
        else
            show(Context.OutputConsole(), report);
        return ExitCode.Success;
    }

    /// <summary>Takes a set of options.</summary>
    protected TSet Take<TSet>(TSet set)
        where TSet : IOptionSet
    {
        set.AddTo(this);
        return set;
    }
}
