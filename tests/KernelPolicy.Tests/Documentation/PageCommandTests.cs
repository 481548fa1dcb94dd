using System.CommandLine;
using System.CommandLine.Invocation;
using System.Text.RegularExpressions;
using KernelPolicy.Cli;
using NUnit.Framework;

namespace KernelPolicy.Tests.Documentation;

/// <summary>Commands of the pages are such as the tool understands, and what they name exists.</summary>
public partial class PageCommandTests
{
    // Those that all commands have, and those of dotnet.
    private static readonly string[] OtherOptions = ["--help", "--project", "--source"];

    private static readonly RootCommand Root = CommandLineTool.CreateRoot(new ToolContext([], TextWriter.Null, TextWriter.Null, default));

    private static IEnumerable<string> OfUsers => Pages.OfUsers;

    private static IEnumerable<string> All => Pages.All;

    [TestCaseSource(nameof(All))]
    public void CommandsParse(string page) => Assert.That(Faults(PageCommands.Of(Pages.Read(page))), Is.Empty);

    [TestCaseSource(nameof(OfUsers))]
    public void CommandsWithinTheTextParse(string page) => Assert.That(
        Faults(Pages.Read(page).CodeSpans.Where(span => span.StartsWith("kernelpolicy ", StringComparison.Ordinal) && !span.Contains("COMMAND", StringComparison.Ordinal))
            .SelectMany(span => PageCommands.Split(0, span))),
        Is.Empty);

    [TestCaseSource(nameof(OfUsers))]
    public void OptionsThatTheTextNamesExist(string page)
    {
        HashSet<string> known = [.. Root.Subcommands.SelectMany(command => command.Options).SelectMany(option => option.Aliases.Prepend(option.Name)), .. OtherOptions];
        Assert.That(
            Pages.Read(page).CodeSpans.SelectMany(span => OptionName().Matches(span)).Select(match => match.Value).Where(name => !known.Contains(name)),
            Is.Empty);
    }

    [TestCase("kernelpolicy train --data ratings.csv --out run", 0)]
    [TestCase("kernelpolicy train --datum", 1)]
    [TestCase("mpirun -n 2 --host a,b kernelpolicy train --out run", 0)]
    [TestCase("mpirun -n 2 kernelpolicy train --datum", 1)]
    [TestCase("kernelpolicy train --epochs none", 1)]
    [TestCase("dotnet run -c Release --project src/Cli -- bench --itemz", 1)]
    [TestCase("dotnet run -c Release --project src/Clj -- bench", 1)]
    [TestCase("bench/compare-nothing --preset small", 1)]
    [TestCase("kernelpolicy train --out 'a b' && kernelpolicy bundle   # comments are no words: --datum", 1, Description = "no --policy")]
    [TestCase("Z = 3 and other words", 0)]
    public void WhatIsWrongIsFound(string line, int faults) => Assert.That(
        Faults(PageCommands.Of(new MarkdownPage($"Words.\n\n    {line}\n"))), Has.Count.EqualTo(faults));

    [Test]
    public void LinesGoOn() => Assert.That(
        PageCommands.Of(new MarkdownPage("\n    kernelpolicy train \\\n        --out run\n")).Single().Words,
        Is.EqualTo(new[] { "kernelpolicy", "train", "--out", "run" }));

    private static List<string> Faults(IEnumerable<PageCommand> commands)
    {
        List<string> faults = [];
        foreach (PageCommand command in commands)
        {
            if (command.ToolArguments is { } arguments)
                faults.AddRange(MistakesIn(arguments).Select(message => $"line {command.Line}: {message}"));
            faults.AddRange(command.Paths.Where(path => !Path.Exists(Path.Combine(Pages.Root, path))).Select(path => $"line {command.Line}: there is no {path}"));
        }

        return faults;
    }

    // A call for help is none, whatever is missing beside it.
    private static IEnumerable<string> MistakesIn(IReadOnlyList<string> arguments)
    {
        ParseResult parsed = Root.Parse(arguments);
        return parsed.Action is ParseErrorAction ? parsed.Errors.Select(error => error.Message).Distinct() : [];
    }

    [GeneratedRegex(@"(?<![\w-])--[a-z][a-z-]*")]
    private static partial Regex OptionName();
}
