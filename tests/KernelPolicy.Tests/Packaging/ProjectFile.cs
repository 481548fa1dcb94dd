using System.Xml.Linq;

namespace KernelPolicy.Tests.Packaging;

/// <summary>What a project file says itself, without what it imports.</summary>
public sealed class ProjectFile
{
    private readonly XElement _project;

    private ProjectFile(string path)
    {
        Path = path;
        _project = XElement.Load(path);
    }

    /// <summary>The file, from the root of the file system.</summary>
    public string Path { get; }

    public bool IsProgram => Property("OutputType") == "Exe";

    public string Description => Property("Description") ?? "";

    public bool IsAotCompatible => Property("IsAotCompatible") == "true";

    /// <summary>Projects referred to, by their files.</summary>
    public string[] References => [.. _project.Descendants("ProjectReference").Select(Target)];

    /// <summary>Projects whose assemblies the package holds.</summary>
    public string[] PrivateReferences =>
        [.. _project.Descendants("ProjectReference").Where(reference => (string?)reference.Attribute("PrivateAssets") == "all").Select(Target)];

    public string[] PackageReferences => [.. _project.Descendants("PackageReference").Select(Included)];

    public static ProjectFile Read(string path) => new(path);

    public override string ToString() => System.IO.Path.GetFileNameWithoutExtension(Path);

    private string? Property(string name) => _project.Elements("PropertyGroup").Elements(name).LastOrDefault()?.Value;

    private string Target(XElement reference) =>
        System.IO.Path.GetFullPath(System.IO.Path.Combine(System.IO.Path.GetDirectoryName(Path)!, Included(reference)));

    private static string Included(XElement item) => (string)item.Attribute("Include")!;
}
