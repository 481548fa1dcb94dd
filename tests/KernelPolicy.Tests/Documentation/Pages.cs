using NUnit.Framework;

namespace KernelPolicy.Tests.Documentation;

/// <summary>The pages that strangers read, named from the project's folder.</summary>
internal static class Pages
{
    /// <summary>The project's folder.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>README.md and what it leads to: their programs are run and their commands parsed.</summary>
    public static IEnumerable<string> OfUsers =>
        [
            "README.md",
            .. Directory.EnumerateFiles(Path.Combine(Root, "docs"), "*.md").Select(file => $"docs/{Path.GetFileName(file)}").Order(StringComparer.Ordinal),
        ];

    /// <summary>These, and the pages beside the code.</summary>
    public static IEnumerable<string> All =>
        [.. OfUsers, "bench/README.md", "CONTRIBUTING.md", "CHANGELOG.md", "samples/README.md", "samples/RecommendationService/README.md"];

    /// <summary>Reads a page.</summary>
    public static MarkdownPage Read(string page) => new(File.ReadAllText(Path.Combine(Root, page)));

    private static string FindRoot()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "KernelPolicy.sln")))
            folder = folder.Parent;
        Assert.That(folder, Is.Not.Null, "The tests are not run from the project's own folder.");
        return folder!.FullName;
    }
}
