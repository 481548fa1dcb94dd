using NUnit.Framework;

namespace KernelPolicy.Tests.Documentation;

/// <summary>The C# of each page is one program, which compiles and runs as it is printed.</summary>
[NonParallelizable]
public class PageProgramTests
{
    private PageFiles _files = null!;

    private static IEnumerable<string> PagesWithPrograms => Pages.OfUsers.Where(page => !Program(page).IsEmpty);

    [OneTimeSetUp]
    public void MakeFiles() => _files = new PageFiles();

    [OneTimeTearDown]
    public void DeleteFiles() => _files.Dispose();

    [TestCaseSource(nameof(PagesWithPrograms))]
    public void ProgramsCompileAndRun(string page)
    {
        PageProgram program = Program(page), runnable = program.Runnable;
        byte[] assembly = program.Compile(out IReadOnlyList<string> faults);
        Assert.That(faults, Is.Empty);
        if (runnable.IsEmpty)
            return;
        if (!program.IsWholeRunnable)
            assembly = runnable.Compile(out faults);
        Assert.That(faults, Is.Empty);
        string output = PageProgram.Run(assembly, _files.CopyFor(page));
        TestContext.Out.Write(output);
        Assert.That(output, Is.Not.Empty.And.Not.Contain("NaN"));
    }

    [Test]
    public void FaultsAreOfLinesOfThePage()
    {
        MarkdownPage page = new("Words.\n\n```csharp\nusing System.Text;\nint one = 1;\n```\n\n```csharp\nConsole.WriteLine(one + two);\n```\n");
        new PageProgram("page.md", page.Blocks).Compile(out IReadOnlyList<string> faults);
        Assert.That(faults, Has.Count.EqualTo(1));
        Assert.That(faults[0], Does.StartWith("page.md, line 9: ").And.Contain("two"));
    }

    [Test]
    public void BlocksThatAreCompiledOnlyAreNotRun()
    {
        MarkdownPage page = new(
            "```csharp\nConsole.Write(1);\n```\n\n<!-- compiled only: needs a printer -->\n\n```csharp\nthrow new NotSupportedException();\n```\n\n"
            + "```csharp\nConsole.Write(2);\n```\n");
        PageProgram program = new("page.md", page.Blocks);
        byte[] assembly = program.Runnable.Compile(out IReadOnlyList<string> faults);
        Assert.That(faults, Is.Empty);
        Assert.That(program.IsWholeRunnable, Is.False);
        Assert.That(PageProgram.Run(assembly, Path.GetTempPath()), Is.EqualTo("12"));
    }

    private static PageProgram Program(string page) => new(page, Pages.Read(page).Blocks);
}
