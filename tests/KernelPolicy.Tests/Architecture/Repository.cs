namespace KernelPolicy.Tests.Architecture;

/// <summary>The checkout that the tests were built from: its projects and its sources.</summary>
internal static class Repository
{
    private static readonly string[] Trees = ["src", "packages", "bench", "samples", "tests"];

    private static readonly string[] Built = ["artifacts", "bin", "obj", "out"];

    private static readonly Lazy<IReadOnlyList<ProjectFile>> ListedProjects = new(() => [.. Files("*.csproj").Select(ProjectFile.Read)]);

    /// <summary>The folder of the solution.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>Every project, in the order of their paths.</summary>
    public static IReadOnlyList<ProjectFile> Projects => ListedProjects.Value;

    /// <summary>The projects of <c>src</c>.</summary>
    public static IEnumerable<ProjectFile> Library => Projects.Where(project => project.Folder.StartsWith("src/", StringComparison.Ordinal));

    /// <summary>The projects that put those into packages.</summary>
    public static IEnumerable<ProjectFile> Packages => Projects.Where(project => project.Folder.StartsWith("packages/", StringComparison.Ordinal));

    /// <summary>Files that many projects share, by their paths from the root.</summary>
    public static IEnumerable<string> SharedProjectFiles =>
        [.. Directory.EnumerateFiles(Root, "Directory.*").Select(path => Path.GetFileName(path)), .. Files("*.props"), .. Files("*.targets")];

    /// <summary>Files by their paths from the root, apart by '/', without what builds leave; in ordinal order.</summary>
    public static IEnumerable<string> Files(string pattern) =>
        Trees.Where(tree => Directory.Exists(Absolute(tree)))
            .SelectMany(tree => Directory.EnumerateFiles(Absolute(tree), pattern, SearchOption.AllDirectories))
            .Select(path => Path.GetRelativePath(Root, path).Replace('\\', '/'))
            .Where(path => !path.Split('/').Any(Built.Contains))
            .Order(StringComparer.Ordinal);

    /// <summary>The path on this machine of a path from the root.</summary>
    public static string Absolute(string path) => Path.Combine(Root, path);

    /// <summary>The lines of a file by its path from the root.</summary>
    public static string[] Lines(string path) => File.ReadAllLines(Absolute(path));

    private static string FindRoot()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "KernelPolicy.sln")))
            folder = folder.Parent;
        return folder?.FullName ?? throw new DirectoryNotFoundException($"No KernelPolicy.sln is above {AppContext.BaseDirectory}.");
    }
}
