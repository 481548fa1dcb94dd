using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using KernelPolicy.Cli.Commands;

namespace KernelPolicy.Cli.Output;

/// <summary>A command line to learn from.</summary>
/// <param name="CommandLine">What to type.</param>
/// <param name="Purpose">What it does.</param>
internal sealed record Example(string CommandLine, string Purpose);

/// <summary>The usual help, with examples below.</summary>
internal sealed class HelpWithExamples : SynchronousCommandLineAction
{
    private const int Width = 120;

    private readonly HelpAction _help = new() { MaxWidth = Width };
    private readonly Dictionary<Command, IReadOnlyList<Example>> _examples = [];

    /// <inheritdoc/>
    public override bool ClearsParseErrors => true;

    /// <summary>Gives a root command this help, with its own examples and those of its subcommands.</summary>
    public static void AddTo(RootCommand root, IReadOnlyList<Example> examples)
    {
        HelpWithExamples help = new();
        help._examples[root] = examples;
        foreach (ToolCommand command in root.Subcommands.OfType<ToolCommand>())
            help._examples[command] = command.Examples;
        root.Options.OfType<HelpOption>().Single().Action = help;
    }

    /// <inheritdoc/>
    public override int Invoke(ParseResult parseResult)
    {
        int code = _help.Invoke(parseResult);
        TextWriter output = parseResult.InvocationConfiguration.Output;
        if (_examples.TryGetValue(parseResult.CommandResult.Command, out IReadOnlyList<Example>? examples))
        {
            output.WriteLine("Examples:");
            foreach (Example example in examples)
                output.WriteLine($"  {example.CommandLine}{Environment.NewLine}      {example.Purpose}");
        }

        return code;
    }
}
