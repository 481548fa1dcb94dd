using System.Diagnostics;
using System.Text;
using NUnit.Framework;

namespace KernelPolicy.Tests.Distributed;

/// <summary>A program under mpirun, and what came of it. Tests that use it are skipped where there is no mpirun.</summary>
/// <param name="ExitCode">Of mpirun.</param>
/// <param name="Output">What the ranks wrote, line by line.</param>
/// <param name="Errors">What ranks and mpirun wrote to the error output, line breaks and all.</param>
/// <param name="Time">How long it took.</param>
internal sealed record MpiRun(int ExitCode, string[] Output, string Errors, TimeSpan Time)
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(60);

    // Open MPI 4 and 5: ranks of root, and more of them than processors. Over shared memory alone, so that nothing is said about
    // interfaces of a network.
    private static readonly (string Name, string Value)[] Settings =
    [
        ("OMPI_ALLOW_RUN_AS_ROOT", "1"), ("OMPI_ALLOW_RUN_AS_ROOT_CONFIRM", "1"),
        ("OMPI_MCA_rmaps_base_oversubscribe", "1"), ("PRTE_MCA_rmaps_default_mapping_policy", ":oversubscribe"),
        ("OMPI_MCA_btl", "^tcp"), ("TERM", "dumb"),
    ];

    /// <summary>Runs tests/RankProgram.</summary>
    /// <param name="ranks">n.</param>
    /// <param name="arguments">Its arguments.</param>
    public static MpiRun RankProgram(int ranks, params string[] arguments) => Program(ranks, "KernelPolicy.RankProgram.dll", arguments);

    /// <summary>Runs a program that lies beside the tests.</summary>
    public static MpiRun Program(int ranks, string program, params string[] arguments) =>
        Command([Find(), "-n", $"{ranks}", Dotnet, Path.Combine(AppContext.BaseDirectory, program), .. arguments], Longest);

    /// <summary>The runtime that runs the tests.</summary>
    public static string Dotnet { get; } =
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(typeof(object).Assembly.Location)!, "..", "..", "..", "dotnet"));

    /// <summary>mpirun; the test is skipped where there is none.</summary>
    public static string Find()
    {
        string? found = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .Select(folder => Path.Combine(folder, "mpirun")).FirstOrDefault(File.Exists);
        if (found is null)
            Assert.Ignore("There is no mpirun: apt install openmpi-bin.");
        return found!;
    }

    /// <summary>Runs a command with the settings of mpirun; kills it and all that it started where it takes too long, and fails.</summary>
    public static MpiRun Command(string[] command, TimeSpan longest)
    {
        ProcessStartInfo start = new(command[0], command[1..]) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach ((string name, string value) in Settings)
            start.Environment[name] = value;
        long begun = Stopwatch.GetTimestamp();
        using Process process = Process.Start(start)!;
        StringBuilder output = new(), errors = new();
        process.OutputDataReceived += (_, line) => Keep(output, line.Data);
        process.ErrorDataReceived += (_, line) => Keep(errors, line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        if (!process.WaitForExit(longest))
        {
            process.Kill(entireProcessTree: true);
            process.WaitForExit();
            Assert.Fail($"{string.Join(' ', command)} did not end within {longest.TotalSeconds} s.\n{output}\n{errors}");
        }

        // Until its output has ended too.
        process.WaitForExit();
        return new MpiRun(
            process.ExitCode, output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries), errors.ToString(),
            Stopwatch.GetElapsedTime(begun));
    }

    /// <summary>Fails where the run did.</summary>
    public MpiRun Succeeded()
    {
        Assert.That(ExitCode, Is.Zero, $"{string.Join('\n', Output)}\n{Errors}");
        return this;
    }

    /// <summary>What a rank has said of itself: "rank 1 of 3: WORD WORD ...".</summary>
    public string[] Words(int rank, int ranks)
    {
        string beginning = $"rank {rank} of {ranks}: ";
        string[] lines = [.. Output.Where(line => line.StartsWith(beginning, StringComparison.Ordinal))];
        Assert.That(lines, Has.Length.EqualTo(1), $"{string.Join('\n', Output)}\n{Errors}");
        return lines[0][beginning.Length..].Split(' ');
    }

    private static void Keep(StringBuilder text, string? line)
    {
        if (line is null)
            return;
        lock (text)
            text.Append(line).Append('\n');
    }
}
