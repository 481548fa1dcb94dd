using System.Text;
using System.Text.RegularExpressions;

namespace KernelPolicy.Tests.Documentation;

/// <summary>A block of code in a page.</summary>
/// <param name="Line">The line of the page on which its text begins, from 1.</param>
/// <param name="Language">What its fence says; empty where it is indented.</param>
/// <param name="Text">Its lines, without indentation.</param>
/// <param name="Comment">The HTML comment before it; empty where there is none.</param>
internal sealed record CodeBlock(int Line, string Language, IReadOnlyList<string> Text, string Comment);

/// <summary>What the checks of the documentation look at in a page: blocks of code, words in code, links, anchors.</summary>
/// <remarks>The part of Markdown that the pages use: fences of three backticks, blocks indented by four spaces after an empty line, headings by #.</remarks>
internal sealed partial class MarkdownPage
{
    private const string Fence = "```";
    private const string Indentation = "    ";

    public MarkdownPage(string text)
    {
        StringBuilder prose = new();
        List<CodeBlock> blocks = [];
        List<string> anchors = [];
        string[] lines = text.Split('\n');
        string comment = "";
        for (int i = 0; i < lines.Length; i++)
        {
            if (lines[i].StartsWith(Fence, StringComparison.Ordinal))
            {
                int end = Array.FindIndex(lines, i + 1, line => line.StartsWith(Fence, StringComparison.Ordinal));
                if (end < 0)
                    throw new FormatException($"The fence of line {i + 1} is not closed.");
                blocks.Add(new CodeBlock(i + 2, lines[i][Fence.Length..].Trim(), lines[(i + 1)..end], comment));
                i = end;
            }
            else if (lines[i].StartsWith(Indentation, StringComparison.Ordinal) && (i == 0 || lines[i - 1].Length == 0))
            {
                int end = i;
                while (end < lines.Length && lines[end].StartsWith(Indentation, StringComparison.Ordinal))
                    end++;
                blocks.Add(new CodeBlock(i + 1, "", [.. lines[i..end].Select(line => line[Indentation.Length..])], comment));
                i = end - 1;
            }
            else if (Comment().Match(lines[i]) is { Success: true } found)
            {
                comment = found.Groups["text"].Value;
                continue;
            }
            else
            {
                if (lines[i].StartsWith('#'))
                    anchors.Add(Anchor(lines[i], anchors));
                prose.Append(lines[i]).Append('\n');
                if (lines[i].Length == 0)
                    continue;
            }

            comment = "";
        }

        (Blocks, Anchors, Prose) = (blocks, anchors, prose.ToString());
    }

    /// <summary>Blocks of code, in order.</summary>
    public IReadOnlyList<CodeBlock> Blocks { get; }

    /// <summary>Where links may lead within the page: its headings as GitHub names them.</summary>
    public IReadOnlyList<string> Anchors { get; }

    /// <summary>Everything but blocks and comments.</summary>
    public string Prose { get; }

    /// <summary>What stands between backticks in the text.</summary>
    public IEnumerable<string> CodeSpans => Span().Matches(Prose).Select(match => match.Groups["text"].Value.Replace('\n', ' ').Replace("\\|", "|", StringComparison.Ordinal));

    /// <summary>Targets of links.</summary>
    public IEnumerable<string> Links => Link().Matches(Span().Replace(Prose, "")).Select(match => match.Groups["target"].Value);

    // Lower case, spaces to hyphens, no punctuation; the second of a name has a number.
    private static string Anchor(string heading, List<string> others)
    {
        string anchor = string.Concat(
            heading.TrimStart('#').Trim().ToLowerInvariant().Where(c => char.IsLetterOrDigit(c) || c is ' ' or '-' or '_')).Replace(' ', '-');
        int before = others.Count(other => other == anchor);
        return before == 0 ? anchor : $"{anchor}-{before}";
    }

    [GeneratedRegex(@"^<!-- (?<text>.*) -->\s*$")]
    private static partial Regex Comment();

    [GeneratedRegex(@"`(?<text>[^`]+)`")]
    private static partial Regex Span();

    [GeneratedRegex(@"\[[^\]]*\]\((?<target>[^)\s]+)\)")]
    private static partial Regex Link();
}
