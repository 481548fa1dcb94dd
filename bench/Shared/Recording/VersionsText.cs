using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace KernelPolicy.Bench;

/// <summary>What was measured, on what: a figure without it says nothing.</summary>
/// <param name="Program">The benchmark's name.</param>
/// <param name="Facts">Machine, system, runtime, commit, packages.</param>
internal sealed partial record VersionsText(string Program, IReadOnlyList<(string Name, string Value)> Facts)
{
    /// <summary>Asks the machine and the program's own list of packages.</summary>
    /// <param name="program">The benchmark's assembly.</param>
    public static VersionsText Read(Assembly program)
    {
        string widest = Vector512.IsHardwareAccelerated ? "512" : Vector256.IsHardwareAccelerated ? "256" : "128";
        double memory = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / (double)(1L << 30);
        List<(string, string)> facts =
        [
            ("date", DateTime.UtcNow.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture)),
            ("processor", $"{Processor()}, {Environment.ProcessorCount} processors, vectors of up to {widest} bits"),
            ("memory", string.Create(CultureInfo.InvariantCulture, $"{memory:0} GiB")),
            ("load at the start", File.Exists("/proc/loadavg") ? File.ReadAllText("/proc/loadavg").Split(' ')[0] : "unknown"),
            ("system", Field("/etc/os-release", "PRETTY_NAME", '=')?.Trim('"') ?? RuntimeInformation.OSDescription),
            ("runtime", RuntimeInformation.FrameworkDescription),
            ("SDK", Output("dotnet", "--version") ?? "unknown"),
            ("commit", Commit()),
            .. Packages(program),
        ];
        string name = program.GetName().Name!;
        return new VersionsText(name[(name.LastIndexOf('.') + 1)..].ToLowerInvariant(), facts);
    }

    /// <summary>This machine as results name it: the processor, and how many there are.</summary>
    public static string MachineName() => $"{NotOfNames().Replace(Processor().ToLowerInvariant(), "-").Trim('-')}-{Environment.ProcessorCount}vcpu";

    /// <summary>All of it as a table.</summary>
    /// <param name="args">The command line.</param>
    public string Markdown(IReadOnlyList<string> args)
    {
        StringBuilder text = new();
        text.AppendLine(CultureInfo.InvariantCulture, $"# Versions: {Program}").AppendLine();
        MarkdownTable table = new("<", "<");
        table.Add("arguments", args.Count == 0 ? "none" : $"`{string.Join(' ', args)}`");
        foreach ((string name, string value) in Facts)
            table.Add(name, value);
        table.WriteTo(text);
        return text.ToString();
    }

    private static string Processor() => Field("/proc/cpuinfo", "model name", ':') ?? RuntimeInformation.ProcessArchitecture.ToString();

    private static string Commit()
    {
        string? commit = Output("git", "rev-parse HEAD");
        if (string.IsNullOrEmpty(commit))
            return "unknown";
        return Output("git", "status --porcelain --untracked-files=no") == "" ? commit : commit + ", with changes";
    }

    // The list that the build leaves beside the program.
    private static IEnumerable<(string, string)> Packages(Assembly program)
    {
        string file = Path.ChangeExtension(program.Location, ".deps.json");
        if (!File.Exists(file))
            yield break;
        using JsonDocument dependencies = JsonDocument.Parse(File.ReadAllText(file));
        foreach (JsonProperty library in dependencies.RootElement.GetProperty("libraries").EnumerateObject())
        {
            string[] parts = library.Name.Split('/');
            string type = library.Value.GetProperty("type").GetString()!;
            if (type == "package" || parts[0] == program.GetName().Name)
                yield return (parts[0], parts[1]);
        }
    }

    private static string? Output(string command, string arguments)
    {
        try
        {
            using Process process = Process.Start(new ProcessStartInfo(command, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            string text = process.StandardOutput.ReadToEnd().Trim();
            process.WaitForExit();
            return process.ExitCode == 0 ? text : null;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }

    private static string? Field(string file, string name, char separator)
    {
        if (!File.Exists(file))
            return null;
        string? line = File.ReadLines(file).FirstOrDefault(l => l.StartsWith(name, StringComparison.Ordinal));
        return line?[(line.IndexOf(separator, StringComparison.Ordinal) + 1)..].Trim();
    }

    [GeneratedRegex("[^a-z0-9]+")]
    private static partial Regex NotOfNames();
}
