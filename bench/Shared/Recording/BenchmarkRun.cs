using System.Reflection;
using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;

namespace KernelPolicy.Bench;

/// <summary>Runs the benchmarks of a project with BenchmarkDotNet, and keeps the tables where it is asked to.</summary>
/// <remarks>
/// BenchmarkDotNet's own options do the rest: <c>--job short</c> for a look, none for the record; <c>--filter</c>; <c>--inProcess</c>.
/// <c>--record</c>, with a folder or without, copies each table, as Markdown and as CSV, beside the versions of everything; the folder
/// without a name is that of this machine under bench/results.
/// </remarks>
internal static class BenchmarkRun
{
    private const string Record = "--record";

    /// <summary>Runs.</summary>
    /// <param name="types">The benchmarks, at least one.</param>
    /// <param name="args">The command line.</param>
    /// <param name="columns">Columns beside BenchmarkDotNet's.</param>
    /// <returns>0; 1 where a benchmark failed or none was run.</returns>
    public static int Execute(Type[] types, string[] args, params IColumn[] columns)
    {
        (string? folder, args) = TakeFolder(args);
        IConfig config = DefaultConfig.Instance.WithArtifactsPath(Path.GetFullPath(Path.Combine("out", "benchmarks")))
            .AddDiagnoser(MemoryDiagnoser.Default).AddColumn(columns);
        VersionsText versions = VersionsText.Read(types[0].Assembly);
        Summary[] summaries = [.. BenchmarkSwitcher.FromTypes(types).Run(args, config)];
        if (args.Any(arg => arg is "--list" or "--help" or "--version" or "--info"))
            return 0;
        bool isComplete = summaries.Length > 0 && summaries.All(
            summary => !summary.HasCriticalValidationErrors && summary.Reports.Length > 0 && summary.Reports.All(report => report.Success));
        if (!isComplete)
        {
            Console.Error.WriteLine("error: no benchmark was run, or one failed; nothing is recorded.");
            return 1;
        }

        if (folder is not null)
            Keep(summaries, Directory.CreateDirectory(folder).FullName, versions, args);
        return 0;
    }

    /// <summary>Every class of a project that has benchmarks.</summary>
    public static Type[] In(Assembly assembly) =>
        [.. assembly.GetTypes().Where(type => !type.IsAbstract && type.GetMethods().Any(method => method.IsDefined(typeof(BenchmarkAttribute), inherit: true)))];

    private static (string? Folder, string[] Others) TakeFolder(string[] args)
    {
        int place = Array.IndexOf(args, Record);
        if (place < 0)
            return (null, args);
        bool isNamed = place + 1 < args.Length && !args[place + 1].StartsWith('-');
        string folder = isNamed ? args[place + 1] : Path.Combine("bench", "results", VersionsText.MachineName(), "benchmarks");
        return (folder, [.. args[..place], .. args[(place + (isNamed ? 2 : 1))..]]);
    }

    private static void Keep(Summary[] summaries, string folder, VersionsText versions, string[] args)
    {
        foreach (Summary summary in summaries)
        {
            string name = summary.BenchmarksCases[0].Descriptor.Type.FullName!;
            foreach ((string made, string kept) in ((string, string)[])[("-report-github.md", ".md"), ("-report.csv", ".csv")])
            {
                string source = Path.Combine(summary.ResultsDirectoryPath, name + made);
                File.Copy(source, Path.Combine(folder, summary.BenchmarksCases[0].Descriptor.Type.Name + kept), overwrite: true);
            }
        }

        File.WriteAllText(Path.Combine(folder, $"versions-{versions.Program}.md"), versions.Markdown(args));
        Console.WriteLine($"Recorded in {folder}.");
    }
}
