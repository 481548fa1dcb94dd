using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace KernelPolicy.Tests.Architecture;

/// <summary>Who uses whom within one project: its folders, and the files that lie beside them, by what is in the built assembly.</summary>
/// <remarks>A folder stands for the folders within it.</remarks>
internal static partial class FolderGraph
{
    /// <summary>The graph of a project, and the types whose source was not found.</summary>
    public static ArrowSet Of(ProjectFile project, ICollection<string> unknown)
    {
        Dictionary<string, string> places = Places(project);
        List<(string From, string To)> arrows = [];
        foreach ((Type from, Type to) in TypeReferences.Of(Assembly.Load(project.Assembly)))
        {
            if (IsGenerated(from) || IsGenerated(to))
                continue;
            if (!places.TryGetValue(Key(from), out string? source))
                unknown.Add($"{project.Name}: {from}");
            else if (places.TryGetValue(Key(to), out string? target))
                arrows.Add((source, target));
        }

        return new ArrowSet(places.Values, arrows);
    }

    /// <summary>Types by full name, and the folder or file that each is declared in.</summary>
    private static Dictionary<string, string> Places(ProjectFile project)
    {
        Dictionary<string, string> places = [];
        foreach (string path in project.Sources)
        {
            string within = path[(project.Folder.Length + 1)..];
            string place = within.Contains('/', StringComparison.Ordinal) ? within[..within.IndexOf('/', StringComparison.Ordinal)] : within[..^".cs".Length];
            string text = File.ReadAllText(Repository.Absolute(path));
            string space = Namespace().Match(text) is { Success: true } match ? match.Groups[1].Value + "." : "";
            foreach (Match type in Declaration().Matches(text))
            {
                string name = space + type.Groups[1].Value;
                if (!places.TryAdd(name, place) && places[name] != place)
                    throw new InvalidDataException($"{project.Name}: {name} is declared in {places[name]} and in {place}.");
            }

            // Statements at the top of a file are compiled into a type that no line declares.
            if (within == "Program.cs")
                places.TryAdd("Program", place);
        }

        return places;
    }

    private static string Key(Type type) => type.FullName!.Split('`')[0];

    private static bool IsGenerated(Type type) =>
        type.Name.StartsWith('<') || type.IsDefined(typeof(CompilerGeneratedAttribute), inherit: false)
            || type.Namespace?.StartsWith("KernelPolicy", StringComparison.Ordinal) == false;

    [GeneratedRegex(@"^namespace\s+([\w.]+)\s*;", RegexOptions.Multiline)]
    private static partial Regex Namespace();

    // Types of a file-scoped namespace begin their lines; those within other types do not.
    [GeneratedRegex(@"^(?:\[[^\n]*\]\s*)?(?:(?:public|internal|file|static|sealed|abstract|readonly|ref|unsafe|partial)\s+)*"
        + @"(?:class|struct|interface|enum|record\s+class|record\s+struct|record|delegate\s+[\w<>\[\],.?* ]+?)\s+(\w+)", RegexOptions.Multiline)]
    private static partial Regex Declaration();
}
