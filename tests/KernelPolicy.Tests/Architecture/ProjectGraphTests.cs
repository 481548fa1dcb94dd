using System.Reflection;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using NUnit.Framework;

namespace KernelPolicy.Tests.Architecture;

/// <summary>The projects use each other as the house rules allow, and nothing that the house does without.</summary>
internal sealed partial class ProjectGraphTests
{
    /// <summary>The house, ground floor first: each project, and the projects that it may use, all of them below it.</summary>
    private static readonly (string Project, string[] MayUse)[] House =
    [
        ("Kernels/Simd", []),
        ("Files", []),
        ("Kernels/Ilgpu", ["Kernels/Simd"]),
        ("Index", ["Files", "Kernels/Simd"]),
        ("Policy", ["Files", "Index", "Kernels/Simd"]),
        ("Hosting", ["Policy"]),
        ("Distributed", ["Index", "Kernels/Simd", "Policy"]),
        ("DeviceTraining", ["Index", "Kernels/Ilgpu", "Kernels/Simd", "Policy"]),
        ("Data", ["Files", "Kernels/Simd"]),
        ("Cli", ["Data", "DeviceTraining", "Distributed", "Files", "Hosting", "Index", "Kernels/Ilgpu", "Kernels/Simd", "Policy"]),
    ];

    /// <summary>Where ILGPU may be. It emits code at run time: what refers to it cannot be published as Native AOT.</summary>
    private static readonly string[] MayUseIlgpu =
    [
        "src/Kernels/Ilgpu", "src/DeviceTraining", "src/Cli", "packages/KernelPolicy.Ilgpu", "bench/KernelPolicy.KernelReport",
        "tests/KernelPolicy.Tests",
    ];

    /// <summary>The gradients and the optimiser are the project's own.</summary>
    private static readonly string[] Frameworks =
        ["TorchSharp", "libtorch", "TensorFlow", "SciSharp", "Keras", "Microsoft.ML", "OnnxRuntime", "CNTK", "MxNet", "DiffSharp", "AForge", "Accord", "Tensor.NET"];

    [Test]
    public void Arrows_of_the_house_point_down()
    {
        List<string> below = [];
        foreach ((string project, string[] mayUse) in House)
        {
            Assert.That(mayUse, Is.SubsetOf(below), project);
            below.Add(project);
        }

        Assert.That(Repository.Library.Select(project => project.Name), Is.EquivalentTo(below), "the projects of src");
    }

    [Test]
    public void Projects_refer_to_what_they_may_use()
    {
        foreach ((string name, string[] mayUse) in House)
            Assert.That(Project(name).Uses, Is.SubsetOf(mayUse.Select(used => "src/" + used)), $"project references of {name}");
    }

    [Test]
    public void Assemblies_refer_to_what_they_may_use()
    {
        // A project has the projects of its projects within reach: what the compiler made use of tells.
        foreach ((string name, string[] mayUse) in House)
        {
            IEnumerable<string> ours = Assembly.Load(Project(name).Assembly).GetReferencedAssemblies().Select(assembly => assembly.Name!)
                .Where(assembly => Repository.Projects.Any(project => project.Assembly == assembly));
            Assert.That(ours, Is.SubsetOf(mayUse.Select(used => Project(used).Assembly)), $"assemblies of ours that {name} refers to");
        }
    }

    [Test]
    public void Sources_import_what_they_may_use()
    {
        List<string> wrong = [];
        foreach ((string name, string[] mayUse) in House)
        {
            ProjectFile[] allowed = [Project(name), .. mayUse.Select(Project)];
            foreach (string path in Project(name).Sources)
            {
                foreach (Match import in Import().Matches(File.ReadAllText(Repository.Absolute(path))))
                {
                    if (!allowed.Contains(OwnerOf(import.Groups[1].Value)))
                        wrong.Add($"{path}: {import.Value}");
                }
            }
        }

        Assert.That(wrong, Is.Empty);
    }

    [Test]
    public void Nothing_of_the_library_refers_to_tests_benchmarks_or_samples()
    {
        foreach (ProjectFile project in Repository.Library)
            Assert.That(project.Uses, Has.All.StartsWith("src/"), project.Path);
    }

    [Test]
    public void Ilgpu_is_where_trainings_run_on_devices_and_nowhere_else()
    {
        List<string> wrong = [];
        foreach (ProjectFile project in Repository.Projects.Where(project => !MayUseIlgpu.Contains(project.Folder)))
        {
            wrong.AddRange(project.Packages.Where(package => package.StartsWith("ILGPU", StringComparison.OrdinalIgnoreCase)).Select(package => $"{project.Path}: {package}"));
            wrong.AddRange(project.Sources.Where(path => IlgpuImport().IsMatch(File.ReadAllText(Repository.Absolute(path)))));
        }

        Assert.That(wrong, Is.Empty);
    }

    [Test]
    public void One_package_alone_brings_Ilgpu()
    {
        Assert.That(Repository.Packages.SelectMany(package => package.Sources), Is.Empty, "packages have no code of their own");
        Assert.That(
            Repository.Packages.Where(package => Reached(package).Any(used => used is "src/Kernels/Ilgpu" or "src/DeviceTraining" or "src/Cli"))
                .Select(package => package.Name),
            Is.EqualTo(new[] { "KernelPolicy.Ilgpu" }));
    }

    [Test]
    public void No_deep_learning_framework_is_within_reach()
    {
        // What the tests were built with: all of src and what that brings along.
        using JsonDocument built = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "KernelPolicy.Tests.deps.json")));
        IEnumerable<string> reached = built.RootElement.GetProperty("libraries").EnumerateObject().Select(library => library.Name);
        string[] all = [.. reached, .. Repository.Projects.SelectMany(project => project.Packages), .. PackageVersions()];
        Assert.That(all, Has.Some.StartsWith("ILGPU/"), "the list has what is known to be there");
        Assert.That(all.Where(package => Frameworks.Any(framework => package.Contains(framework, StringComparison.OrdinalIgnoreCase))), Is.Empty);
    }

    [Test]
    public void Versions_live_in_one_file_and_each_is_used()
    {
        List<string> wrong = [];
        HashSet<string> used = [];
        foreach (string path in Repository.Files("*.csproj").Concat(Repository.SharedProjectFiles).Where(path => path != "Directory.Packages.props"))
        {
            XDocument document = XDocument.Load(Repository.Absolute(path));
            wrong.AddRange(document.Descendants("PackageVersion").Select(version => $"{path}: {version}"));
            foreach (XElement reference in document.Descendants("PackageReference"))
            {
                used.Add(reference.Attribute("Include")?.Value ?? "");
                if (reference.Attributes().Concat<XObject>(reference.Elements()).Any(part => part is XAttribute { Name.LocalName: "Version" or "VersionOverride" }
                    or XElement { Name.LocalName: "Version" or "VersionOverride" }))
                {
                    wrong.Add($"{path}: {reference}");
                }
            }
        }

        Assert.That(wrong, Is.Empty, "versions outside Directory.Packages.props");
        Assert.That(PackageVersions().Except(used), Is.Empty, "versions that no project uses");
    }

    private static IEnumerable<string> Reached(ProjectFile project) =>
        project.Uses.SelectMany(used => Reached(Repository.Projects.Single(other => other.Folder == used)).Prepend(used)).Distinct();

    private static IEnumerable<string> PackageVersions() =>
        XDocument.Load(Repository.Absolute("Directory.Packages.props")).Descendants("PackageVersion")
            .Select(version => version.Attribute("Include")!.Value);

    private static ProjectFile Project(string name) => Repository.Library.Single(project => project.Name == name);

    /// <summary>The project whose namespace an import is of; the longest one, as one may begin with another.</summary>
    private static ProjectFile? OwnerOf(string import) => Repository.Projects
        .Where(project => (import + ".").StartsWith(project.Namespace + ".", StringComparison.Ordinal))
        .MaxBy(project => project.Namespace.Length);

    [GeneratedRegex(@"^\s*(?:global\s+)?using\s+(?:static\s+)?(?:\w+\s*=\s*)?(KernelPolicy\.[\w.]+)", RegexOptions.Multiline)]
    private static partial Regex Import();

    [GeneratedRegex(@"^\s*(?:global\s+)?using\s+(?:static\s+)?(?:\w+\s*=\s*)?ILGPU\b", RegexOptions.Multiline)]
    private static partial Regex IlgpuImport();
}
