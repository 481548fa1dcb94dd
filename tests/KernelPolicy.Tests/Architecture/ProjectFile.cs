using System.Xml.Linq;

namespace KernelPolicy.Tests.Architecture;

/// <summary>What a project file says of the project's dependencies.</summary>
/// <param name="Path">Its path from the root.</param>
/// <param name="Assembly">The name of its assembly.</param>
/// <param name="Namespace">The namespace that its own begin with.</param>
/// <param name="Uses">The folders of the projects that it refers to.</param>
/// <param name="Packages">The packages that it refers to.</param>
/// <param name="Document">The file.</param>
internal sealed record ProjectFile(
    string Path, string Assembly, string Namespace, IReadOnlyList<string> Uses, IReadOnlyList<string> Packages, XDocument Document)
{
    /// <summary>Its folder from the root: <c>src/Kernels/Simd</c>.</summary>
    public string Folder { get; } = Path[..Path.LastIndexOf('/')];

    /// <summary>Its folder from <c>src</c>: <c>Kernels/Simd</c>.</summary>
    public string Name => Folder[(Folder.IndexOf('/', StringComparison.Ordinal) + 1)..];

    /// <summary>Its C# files, by their paths from the root.</summary>
    public IEnumerable<string> Sources =>
        Repository.Files("*.cs").Where(path => path.StartsWith(Folder + "/", StringComparison.Ordinal));

    public static ProjectFile Read(string path)
    {
        XDocument document = XDocument.Load(Repository.Absolute(path));
        string folder = path[..path.LastIndexOf('/')];
        string name = System.IO.Path.GetFileNameWithoutExtension(path);
        return new ProjectFile(
            path,
            document.Descendants("AssemblyName").FirstOrDefault()?.Value ?? name,
            document.Descendants("RootNamespace").FirstOrDefault()?.Value ?? name,
            [.. Included(document, "ProjectReference").Select(reference => FolderOf(folder, reference)).Order(StringComparer.Ordinal)],
            [.. Included(document, "PackageReference").Order(StringComparer.Ordinal)],
            document);
    }

    private static IEnumerable<string> Included(XDocument document, string element) =>
        document.Descendants(element).Select(reference => reference.Attribute("Include")?.Value).OfType<string>();

    private static string FolderOf(string from, string reference)
    {
        string file = System.IO.Path.GetFullPath(System.IO.Path.Combine(Repository.Absolute(from), reference.Replace('\\', '/')));
        return System.IO.Path.GetRelativePath(Repository.Root, System.IO.Path.GetDirectoryName(file)!).Replace('\\', '/');
    }
}
