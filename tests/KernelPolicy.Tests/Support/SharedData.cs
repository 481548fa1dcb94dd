using NUnit.Framework;

namespace KernelPolicy.Tests.Support;

/// <summary>Finds the public data sets that lie beside the project, and skips the test, visibly, where they do not.</summary>
internal static class SharedData
{
    private static readonly string? Root = FindRoot();

    /// <summary>Paths of files below shared/data; ignores the running test where one is absent.</summary>
    public static string[] Files(params string[] relativePaths)
    {
        if (Root is null)
            Assert.Ignore("No folder shared/data beside the project: the public data sets are not here.");
        string[] files = [.. relativePaths.Select(path => Path.Combine(Root!, path))];
        foreach (string file in files)
        {
            if (!File.Exists(file))
                Assert.Ignore($"{file} is not here.");
        }

        return files;
    }

    private static string? FindRoot()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            string candidate = Path.Combine(folder.FullName, "shared", "data");
            if (Directory.Exists(candidate))
                return candidate;
        }

        return null;
    }
}
