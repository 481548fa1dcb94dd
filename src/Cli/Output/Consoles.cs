using Spectre.Console;

namespace KernelPolicy.Cli.Output;

/// <summary>Makes consoles that write colours and cursor movements to terminals and plain text to all else.</summary>
internal static class Consoles
{
    private const int WidthWithoutTerminal = 120;

    /// <summary>A console on a writer.</summary>
    public static IAnsiConsole For(TextWriter writer)
    {
        AnsiConsoleOutput output = new(writer);
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = output,
            Ansi = output.IsTerminal ? AnsiSupport.Detect : AnsiSupport.No,
            ColorSystem = output.IsTerminal ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
            Interactive = output.IsTerminal ? InteractionSupport.Detect : InteractionSupport.No,
            // Build servers are recognised by it and given colours, though their logs are files.
            Enrichment = new ProfileEnrichment { UseDefaultEnrichers = false },
        });
        if (!output.IsTerminal)
            console.Profile.Width = WidthWithoutTerminal;
        return console;
    }
}
