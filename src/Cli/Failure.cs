using System.Reflection;
using System.Text.RegularExpressions;
using ILGPU.Runtime;
using KernelPolicy.Cli.Ranks;
using KernelPolicy.Distributed;
using KernelPolicy.Kernels.Ilgpu;
using KernelPolicy.Policy;

namespace KernelPolicy.Cli;

/// <summary>A failure as the user is told of it.</summary>
/// <param name="Message">What is wrong, in words.</param>
/// <param name="ExitCode">One of <see cref="Cli.ExitCode"/>.</param>
/// <param name="Cause">The exception, for those who ask for more.</param>
internal sealed partial record Failure(string Message, int ExitCode, Exception Cause)
{
    /// <summary>Puts an exception in words.</summary>
    public static Failure Describe(Exception exception, CancellationToken cancellation) => Unwrap(exception) switch
    {
        // Where one rank is asked to stop, all do.
        OperationCanceledException e when cancellation.IsCancellationRequested || RankedProcess.IsOneOfMany => new("Stopped.", Cli.ExitCode.Cancelled, e),
        ArgumentException e => new(WithoutParameter(e.Message), Cli.ExitCode.Usage, e),
        IOException or InvalidDataException or UnauthorizedAccessException or TrainingDivergedException
            or OutOfMemoryException or NotSupportedException or DeviceUnavailableException or DeviceMemoryException
            or TrainingGroupException or MpiUnavailableException or MpiException or RankFailedException =>
            new(Unwrap(exception).Message, Cli.ExitCode.Failure, exception),
        AcceleratorException e => new($"The device's driver failed: {e.Message}", Cli.ExitCode.Failure, exception),
        _ => new(
            $"This is a fault of the tool; please report it with the following lines.{Environment.NewLine}{exception}",
            Cli.ExitCode.Failure,
            exception),
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
