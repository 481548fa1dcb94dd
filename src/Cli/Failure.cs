using System.Reflection;
using System.Text.RegularExpressions;
using KernelPolicy.Policy;

namespace KernelPolicy.Cli;

/// <summary>A failure as the user is told of it.</summary>
/// <param name="Message">What is wrong, in words.</param>
/// <param name="ExitCode">One of <see cref="Cli.ExitCode"/>.</param>
/// <param name="Cause">The exception, for those who ask for more.</param>
internal sealed partial record Failure(string Message, int ExitCode, Exception Cause)
{
    /// <summary>Puts an exception in words; null for one that is a fault of the tool, whose trace a report needs.</summary>
    public static Failure? TryDescribe(Exception exception, CancellationToken cancellation) => Unwrap(exception) switch
    {
        OperationCanceledException e when cancellation.IsCancellationRequested => new("Stopped.", Cli.ExitCode.Cancelled, e),
        ArgumentException e => new(WithoutParameter(e.Message), Cli.ExitCode.Usage, e),
        IOException or InvalidDataException or UnauthorizedAccessException or TrainingDivergedException
            or OutOfMemoryException or NotSupportedException => new(Unwrap(exception).Message, Cli.ExitCode.Failure, exception),
        _ => null,
    };

    /// <summary>Writes the message and, where asked for, where it came from.</summary>
    public void Write(TextWriter error, bool verbose)
    {
        error.WriteLine(ExitCode == Cli.ExitCode.Cancelled ? Message : $"error: {Message}");
        if (verbose && ExitCode != Cli.ExitCode.Cancelled)
            error.WriteLine(Cause);
    }

    // A setting that a type reads as it is first used, such as the vector width, fails inside a type initialiser.
    private static Exception Unwrap(Exception exception) =>
        exception is TypeInitializationException or TargetInvocationException or AggregateException { InnerExceptions.Count: 1 }
            && exception.InnerException is { } inner ? Unwrap(inner) : exception;

    // The name of a method's parameter means nothing on the command line, and the value stands on a line of its own.
    private static string WithoutParameter(string message) =>
        ParameterNote().Replace(message, "").ReplaceLineEndings(" ").Trim();

    [GeneratedRegex(@"\s*\(Parameter '[^']*'\)")]
    private static partial Regex ParameterNote();
}
