using System.Xml.Linq;
using KernelPolicy.Tests.Architecture;
using NUnit.Framework;

namespace KernelPolicy.Tests.Packaging;

/// <summary>
/// The projects of packages against those of their assemblies, which say by hand what the build of packages does not compare:
/// a package that lacks a dependency breaks at its user's, not here.
/// </summary>
internal sealed class PackagesTests
{
    private static readonly ProjectFile[] Packages = [.. Repository.Packages];

    private static readonly ProjectFile[] Libraries = [.. Repository.Library.Where(project => Value(project, "OutputType") != "Exe")];

    private static IEnumerable<string> PackageNames => Packages.Select(package => package.Name);

    private static IEnumerable<string> LibraryFolders => Libraries.Select(library => library.Folder);

    [Test]
    public void Each_library_lies_in_one_package() =>
        Assert.That(Packages.SelectMany(Held), Is.EquivalentTo(LibraryFolders));

    [TestCaseSource(nameof(PackageNames))]
    public void A_package_depends_on_what_its_assemblies_refer_to(string name)
    {
        ProjectFile package = Package(name);
        IEnumerable<string> otherPackages = Assemblies(package).SelectMany(assembly => assembly.Uses)
            .Select(used => Packages.Single(other => Held(other).Contains(used)).Folder).Where(folder => folder != package.Folder);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(package.Packages, Is.EquivalentTo(Assemblies(package).SelectMany(assembly => assembly.Packages).Distinct()));
            Assert.That(package.Uses.Except(Held(package)), Is.EquivalentTo(otherPackages.Distinct()));
        }
    }

    [TestCaseSource(nameof(PackageNames))]
    public void A_package_keeps_private_what_it_holds_and_nothing_else(string name) =>
        Assert.That(
            Package(name).Document.Descendants("ProjectReference").Select(reference => (string?)reference.Attribute("PrivateAssets") == "all"),
            Is.EqualTo(Package(name).Document.Descendants("ProjectReference").Select(reference => ((string)reference.Attribute("Include")!).Contains("/src/", StringComparison.Ordinal))));

    [TestCaseSource(nameof(PackageNames))]
    public void A_package_is_said_to_be_ready_for_Native_AOT_where_all_its_assemblies_are(string name) =>
        Assert.That(
            Value(Package(name), "Description")?.Contains("eady for Native AOT", StringComparison.Ordinal),
            Is.EqualTo(Assemblies(Package(name)).All(assembly => Value(assembly, "IsAotCompatible") == "true")));

    [TestCaseSource(nameof(LibraryFolders))]
    public void A_library_writes_its_API_down(string folder)
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Repository.Absolute($"{folder}/PublicAPI.Shipped.txt"), Does.Exist);
            Assert.That(Repository.Absolute($"{folder}/PublicAPI.Unshipped.txt"), Does.Exist);
        }
    }

    private static ProjectFile Package(string name) => Packages.Single(package => package.Name == name);

    /// <summary>The folders of the projects whose assemblies a package holds.</summary>
    private static IEnumerable<string> Held(ProjectFile package) => package.Uses.Where(used => used.StartsWith("src/", StringComparison.Ordinal));

    private static ProjectFile[] Assemblies(ProjectFile package) => [.. Libraries.Where(library => Held(package).Contains(library.Folder))];

    private static string? Value(ProjectFile project, string property) =>
        project.Document.Descendants("PropertyGroup").Elements(property).LastOrDefault()?.Value;
}
