using System.Text;

namespace KernelPolicy.Tests.Architecture;

/// <summary>docs/architecture.md: under each heading the graph that is read off the project files and the built assemblies.</summary>
internal static class ArchitectureDocument
{
    /// <summary>Its path from the root.</summary>
    public const string Path = "docs/architecture.md";

    private const string Opening = "```mermaid";

    private const string Closing = "```";

    /// <summary>The graphs as they are, by the headings that they belong under.</summary>
    public static Dictionary<string, string> Drawn()
    {
        Dictionary<string, string> drawn = new()
        {
            ["src"] = Mermaid(
                new ArrowSet(
                    Repository.Library.Select(project => project.Name),
                    Repository.Library.SelectMany(project => project.Uses.Select(used => (project.Name, used["src/".Length..])))),
                []),
        };
        foreach (ProjectFile project in Repository.Library)
            drawn[project.Folder] = Mermaid(FolderGraph.Of(project, []), FolderCycleTests.ToleratedIn(project.Name));
        return drawn;
    }

    /// <summary>The graphs as the document has them.</summary>
    public static Dictionary<string, string> Written()
    {
        Dictionary<string, string> written = [];
        string heading = "";
        StringBuilder? graph = null;
        foreach (string line in Repository.Lines(Path))
        {
            if (line.StartsWith("## ", StringComparison.Ordinal))
                heading = Heading(line);
            else if (line == Opening)
                graph = new StringBuilder();
            else if (line == Closing && graph is not null)
            {
                written.Add(heading, graph.ToString());
                graph = null;
            }
            else
                graph?.Append(line).Append('\n');
        }

        return written;
    }

    /// <summary>Puts the graphs as they are into the document, in place of those that it has.</summary>
    public static void Write()
    {
        Dictionary<string, string> drawn = Drawn();
        StringBuilder text = new();
        string heading = "";
        bool isGraph = false;
        foreach (string line in Repository.Lines(Path))
        {
            if (line.StartsWith("## ", StringComparison.Ordinal))
                heading = Heading(line);
            if (isGraph && line == Closing)
                isGraph = false;
            if (!isGraph)
                text.Append(line).Append('\n');
            if (line == Opening)
            {
                isGraph = true;
                text.Append(drawn[heading]);
            }
        }

        File.WriteAllText(Repository.Absolute(Path), text.ToString());
    }

    private static string Heading(string line) => line["## ".Length..].Trim('`', ' ');

    /// <summary>A graph as Mermaid: arrows that others imply are left out, those that close a cycle are dotted.</summary>
    private static string Mermaid(ArrowSet graph, (string From, string To)[] back)
    {
        ArrowSet reduced = graph.Without(back).Reduced();
        StringBuilder text = new("graph TD\n");
        foreach (string node in graph.Nodes)
            text.Append("  ").Append(Id(node)).Append("[\"").Append(node).Append("\"]\n");
        foreach ((string from, string to) in reduced.Arrows)
            text.Append("  ").Append(Id(from)).Append(" --> ").Append(Id(to)).Append('\n');
        foreach ((string from, string to) in back)
            text.Append("  ").Append(Id(from)).Append(" -.-> ").Append(Id(to)).Append('\n');
        return text.ToString();
    }

    private static string Id(string node) => node.Replace('/', '_');
}
