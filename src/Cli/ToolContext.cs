using KernelPolicy.Cli.Output;
using KernelPolicy.Cli.Display;
using KernelPolicy.Cli.Options;
using KernelPolicy.Cli.Ranks;
using Spectre.Console;

namespace KernelPolicy.Cli;

/// <summary>What a command stands on: where to write, and when to stop.</summary>
/// <param name="Arguments">The command line as given.</param>
/// <param name="Output">For results.</param>
/// <param name="Error">For all else.</param>
/// <param name="Cancellation">Asks to stop.</param>
internal sealed record ToolContext(
    IReadOnlyList<string> Arguments, TextWriter Output, TextWriter Error, CancellationToken Cancellation)
{
    /// <summary>Writes a note for the person who watches.</summary>
    public void Note(string text)
    {
        if (RankedProcess.Speaks)
            Error.WriteLine(text);
    }

    /// <summary>A console on the standard output.</summary>
    public IAnsiConsole OutputConsole() => Consoles.For(Output);

    /// <summary>The display of progress that suits where it goes and what was asked for. It goes to the standard error, so
    /// that results can be redirected while it is watched.</summary>
    public RunDisplay Display(OutputChoice choice)
    {
        if ((choice.Json && !choice.Verbose) || !RankedProcess.Speaks)
            return new SilentRunDisplay();
        IAnsiConsole console = Consoles.For(Error);
        return console.Profile.Capabilities.Interactive && console.Profile.Out.IsTerminal
            ? new LiveRunDisplay(console)
            : new PlainRunDisplay(Error);
    }
}
