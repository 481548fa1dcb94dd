using System.CommandLine;

namespace KernelPolicy.Bench;

/// <summary>A program of a comparison's steps: one process each.</summary>
internal static class ComparisonProgram
{
    /// <summary>Runs what the arguments ask for; a mistake of the caller's is one line and exit code 1.</summary>
    public static int Run(RootCommand root, string[] args)
    {
        ParseResult parsed = root.Parse(args);
        try
        {
            return parsed.Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
        }
        catch (Exception e) when (e is ArgumentException or IOException or InvalidDataException)
        {
            Console.Error.WriteLine($"error: {e.Message}");
            return 1;
        }
    }
}
