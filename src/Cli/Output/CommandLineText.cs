using System.Buffers;

namespace KernelPolicy.Cli.Output;

/// <summary>Writes arguments so that they can be typed again.</summary>
internal static class CommandLineText
{
    private static readonly SearchValues<char> NeedQuotes = SearchValues.Create(" \t\"'`$&|;<>()*?[]#~\\!{}");

    /// <summary>The arguments on one line.</summary>
    public static string Of(IEnumerable<string> arguments) => string.Join(' ', arguments.Select(Quoted));

    private static string Quoted(string argument)
    {
        if (argument.Length > 0 && !argument.AsSpan().ContainsAny(NeedQuotes))
            return argument;
        // Windows shells know double quotes alone; others leave nothing in single quotes as it is but the quote itself.
        return OperatingSystem.IsWindows()
            ? $"\"{argument.Replace("\"", "\\\"", StringComparison.Ordinal)}\""
            : $"'{argument.Replace("'", "'\\''", StringComparison.Ordinal)}'";
    }
}
