using System.Text;

namespace KernelPolicy.Tests.Documentation;

/// <summary>A command that a page shows.</summary>
/// <param name="Line">Where.</param>
/// <param name="Words">Its words, as a shell would part them.</param>
internal sealed record PageCommand(int Line, IReadOnlyList<string> Words)
{
    private const string Tool = "kernelpolicy";
    private const string Starter = "mpirun";
    private const string ToolProject = "src/Cli";

    /// <summary>What the tool is given; null where the command is another's.</summary>
    public IReadOnlyList<string>? ToolArguments
    {
        get
        {
            if (Words[0] == Tool)
                return [.. Words.Skip(1)];
            if (Words[0] == Starter)
                return Words.Contains(Tool) ? [.. Words.SkipWhile(word => word != Tool).Skip(1)] : null;
            int project = Words.ToList().IndexOf("--project"), end = Words.ToList().IndexOf("--");
            return Words[0] == "dotnet" && project > 0 && project + 1 < Words.Count && Words[project + 1] == ToolProject && end > 0
                ? [.. Words.Skip(end + 1)]
                : null;
        }
    }

    /// <summary>Files and folders of the repository that it names.</summary>
    public IEnumerable<string> Paths =>
        Words.Where(word => new[] { "bench/", "samples/", "src/", "tests/", ".ci/" }.Any(folder => word.StartsWith(folder, StringComparison.Ordinal)));
}

/// <summary>Finds the commands of a page: lines of blocks without a language, or of a shell's, that begin with a program's name.</summary>
internal static class PageCommands
{
    private static readonly string[] Languages = ["", "sh", "bash", "console"];
    private static readonly string[] Programs = ["kernelpolicy", "dotnet", "mpirun"];
    private static readonly string[] Folders = ["bench/", "samples/", ".ci/"];

    public static IEnumerable<PageCommand> Of(MarkdownPage page)
    {
        foreach (CodeBlock block in page.Blocks.Where(block => Languages.Contains(block.Language)))
        {
            for (int i = 0; i < block.Text.Count; i++)
            {
                (int line, string text) = (block.Line + i, block.Text[i]);
                while (text.EndsWith('\\') && i + 1 < block.Text.Count)
                    text = text[..^1] + block.Text[++i];
                foreach (PageCommand command in Split(line, text))
                    yield return command;
            }
        }
    }

    /// <summary>Parts a line as a shell does, as far as the pages need it: quotes, comments, &amp;&amp;, pipes.</summary>
    public static IEnumerable<PageCommand> Split(int line, string text)
    {
        List<string> words = [];
        StringBuilder word = new();
        char quote = '\0';
        bool isWord = false;
        foreach (char c in text)
        {
            if (quote != '\0' && c == quote)
            {
                quote = '\0';
            }
            else if (quote != '\0' || (c is not (' ' or '\'' or '"') && !(c == '#' && !isWord)))
            {
                word.Append(c);
                isWord = true;
            }
            else if (c is '\'' or '"')
            {
                (quote, isWord) = (c, true);
            }
            else
            {
                End();
                if (c == '#')
                    break;
            }
        }

        End();
        List<List<string>> commands = [[]];
        foreach (string each in words)
        {
            if (each is "&&" or "|")
                commands.Add([]);
            else
                commands[^1].Add(each);
        }

        return commands.Where(IsCommand).Select(command => new PageCommand(line, command));

        void End()
        {
            if (isWord)
                words.Add(word.ToString());
            word.Clear();
            isWord = false;
        }
    }

    private static bool IsCommand(List<string> words) =>
        words.Count > 0 && (Programs.Contains(words[0]) || Folders.Any(folder => words[0].StartsWith(folder, StringComparison.Ordinal)));
}
