using NUnit.Framework;

namespace KernelPolicy.Tests.Packaging;

/// <summary>
/// The projects of packages against those of their assemblies, which say by hand what the build of packages does not compare:
/// a package that lacks a dependency breaks at its user's, not here.
/// </summary>
public sealed class PackagesTests
{
    private static readonly string Source = Path.Combine(Root(), "src");
    private static readonly ProjectFile[] Packages = Projects(Path.Combine(Source, "Packages"));
    private static readonly ProjectFile[] Libraries =
        [.. Projects(Source).Where(project => !project.IsProgram && !Packages.Any(package => package.Path == project.Path))];

    [Test]
    public void Each_library_lies_in_one_package() =>
        Assert.That(Packages.SelectMany(package => package.PrivateReferences), Is.EquivalentTo(Libraries.Select(library => library.Path)));

    [TestCaseSource(nameof(Packages))]
    public void A_package_depends_on_what_its_assemblies_refer_to(ProjectFile package)
    {
        ProjectFile[] assemblies = AssembliesOf(package);
        string[] neededPackages = [.. assemblies.SelectMany(assembly => assembly.PackageReferences).Distinct()];
        string[] neededProjects =
        [
            .. assemblies.SelectMany(assembly => assembly.References)
                .Select(reference => Packages.Single(other => other.PrivateReferences.Contains(reference)).Path)
                .Where(other => other != package.Path).Distinct(),
        ];
        using (Assert.EnterMultipleScope())
        {
            Assert.That(package.PackageReferences, Is.EquivalentTo(neededPackages));
            Assert.That(package.References.Except(package.PrivateReferences), Is.EquivalentTo(neededProjects));
        }
    }

    [TestCaseSource(nameof(Packages))]
    public void A_package_is_said_to_be_ready_for_Native_AOT_where_all_its_assemblies_are(ProjectFile package) =>
        Assert.That(
            package.Description.Contains("eady for Native AOT", StringComparison.Ordinal),
            Is.EqualTo(AssembliesOf(package).All(assembly => assembly.IsAotCompatible)));

    [TestCaseSource(nameof(Libraries))]
    public void A_library_writes_its_API_down(ProjectFile library)
    {
        string folder = Path.GetDirectoryName(library.Path)!;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Path.Combine(folder, "PublicAPI.Shipped.txt"), Does.Exist);
            Assert.That(Path.Combine(folder, "PublicAPI.Unshipped.txt"), Does.Exist);
        }
    }

    private static ProjectFile[] AssembliesOf(ProjectFile package) =>
        [.. Libraries.Where(library => package.PrivateReferences.Contains(library.Path))];

    private static ProjectFile[] Projects(string folder) =>
        [.. Directory.EnumerateFiles(folder, "*.csproj", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Select(ProjectFile.Read)];

    private static string Root()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "KernelPolicy.sln")))
            folder = folder.Parent;
        return folder?.FullName ?? throw new DirectoryNotFoundException("The tests are not run from the project's own folder.");
    }
}
