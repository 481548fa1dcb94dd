using System.CommandLine;

namespace KernelPolicy.Cli.Options;

/// <summary>Options that belong together.</summary>
internal interface IOptionSet
{
    /// <summary>Gives the options to a command.</summary>
    void AddTo(Command command);
}

/// <summary>Options that belong together, and what they mean: shared by all commands that take them.</summary>
/// <typeparam name="T">What they are bound to.</typeparam>
internal abstract class OptionSet<T> : IOptionSet
{
    /// <summary>The options, in the order in which help shows them.</summary>
    public abstract IEnumerable<Option> All { get; }

    /// <summary>What was asked for.</summary>
    /// <exception cref="ArgumentException">The values do not go together.</exception>
    public abstract T Bind(ParseResult parsed);

    /// <inheritdoc/>
    public void AddTo(Command command)
    {
        foreach (Option option in All)
            command.Add(option);
    }
}
