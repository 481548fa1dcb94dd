using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using KernelPolicy.Tests.Data;
using NUnit.Framework;

namespace KernelPolicy.Tests.Samples;

/// <summary>A sample, run as whoever copies it runs it: a program of its own, by the runtime that runs the tests. What it writes to
/// the folder for temporary files goes with the run.</summary>
internal sealed class SampleRun : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly TempFolder _temporary = new();

    /// <summary>Runs a sample to its end.</summary>
    /// <param name="sample">The name of its program.</param>
    /// <param name="arguments">Its arguments.</param>
    public SampleRun(string sample, params string[] arguments)
    {
        string runtime = Path.GetDirectoryName(typeof(object).Assembly.Location)!;
        string dotnet = Path.GetFullPath(Path.Combine(runtime, "..", "..", "..", OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet"));
        ProcessStartInfo start = new(dotnet, [Path.Combine(AppContext.BaseDirectory, sample + ".dll"), .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.UTF8,
        };
        foreach (string variable in (string[])["TMPDIR", "TMP", "TEMP"])
            start.Environment[variable] = _temporary.Folder;
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(), error = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(Patience))
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"{sample} did not end within {Patience.TotalSeconds} s.\n{output.Result}{error.Result}");
        }

        (ExitCode, Output, Error) = (process.ExitCode, output.Result.ReplaceLineEndings("\n"), error.Result);
    }

    public int ExitCode { get; }

    public string Output { get; }

    public string Error { get; }

    /// <summary>Numbers that stand in its output: the groups of a pattern, where it matches first.</summary>
    public double[] Numbers(string pattern)
    {
        Match match = Regex.Match(Output, pattern, RegexOptions.Multiline);
        Assert.That(match.Success, $"'{pattern}' is not in\n{Output}\n{Error}");
        return [.. match.Groups.Values.Skip(1).Select(group => double.Parse(group.Value, CultureInfo.InvariantCulture))];
    }

    public void Dispose() => _temporary.Dispose();
}
