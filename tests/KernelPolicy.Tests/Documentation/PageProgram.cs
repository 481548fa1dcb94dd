using System.Reflection;
using System.Runtime.Loader;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace KernelPolicy.Tests.Documentation;

/// <summary>The C# blocks of a page as one program, in their order, with their using lines before them.</summary>
/// <remarks>It is compiled as a project with the house's settings would be: implicit usings, nullable, warnings as errors. It sees public
/// members alone.</remarks>
internal sealed partial class PageProgram
{
    /// <summary>How the comment before a block begins that is compiled and not run.</summary>
    public const string CompiledOnly = "compiled only: ";

    private const string ImplicitUsings =
        "global using System; global using System.Collections.Generic; global using System.IO; global using System.Linq; "
        + "global using System.Net.Http; global using System.Threading; global using System.Threading.Tasks;";

    private static readonly CSharpParseOptions Language = new(LanguageVersion.Latest);
    private static readonly Lazy<IReadOnlyList<MetadataReference>> References = new(FindReferences);

    private readonly string _page;
    private readonly IReadOnlyList<CodeBlock> _blocks;

    public PageProgram(string page, IEnumerable<CodeBlock> blocks) =>
        (_page, _blocks) = (page, [.. blocks.Where(block => block.Language == "csharp")]);

    /// <summary>Whether the page has any C#.</summary>
    public bool IsEmpty => _blocks.Count == 0;

    /// <summary>The part that is run.</summary>
    public PageProgram Runnable => new(_page, _blocks.Where(block => !IsCompiledOnly(block)));

    /// <summary>Whether all of it is.</summary>
    public bool IsWholeRunnable => !_blocks.Any(IsCompiledOnly);

    /// <summary>Compiles it.</summary>
    /// <param name="faults">Receives what the compiler has against it, with lines of the page.</param>
    /// <returns>The assembly; empty where there are faults.</returns>
    public byte[] Compile(out IReadOnlyList<string> faults)
    {
        CSharpCompilation compilation = CSharpCompilation.Create(
            "Page",
            [CSharpSyntaxTree.ParseText(ImplicitUsings, Language), CSharpSyntaxTree.ParseText(Source(), Language, _page, Encoding.UTF8)],
            References.Value,
            new CSharpCompilationOptions(
                OutputKind.ConsoleApplication, optimizationLevel: OptimizationLevel.Release, nullableContextOptions: NullableContextOptions.Enable));
        using MemoryStream assembly = new();
        faults =
        [
            .. compilation.Emit(assembly).Diagnostics.Where(diagnostic => diagnostic.Severity >= DiagnosticSeverity.Warning)
                .Select(diagnostic => $"{_page}, line {diagnostic.Location.GetMappedLineSpan().StartLinePosition.Line + 1}: {diagnostic.GetMessage()}"),
        ];
        return faults.Count == 0 ? assembly.ToArray() : [];
    }

    /// <summary>Runs what was compiled.</summary>
    /// <returns>What it wrote.</returns>
    public static string Run(byte[] assembly, string folder)
    {
        AssemblyLoadContext context = new("page", isCollectible: true);
        using StringWriter output = new();
        (TextWriter console, string before) = (Console.Out, Directory.GetCurrentDirectory());
        try
        {
            Console.SetOut(output);
            Directory.SetCurrentDirectory(folder);
            MethodInfo main = context.LoadFromStream(new MemoryStream(assembly)).EntryPoint!;
            main.Invoke(null, BindingFlags.DoNotWrapExceptions, null, [Array.Empty<string>()], null);
            return output.ToString();
        }
        finally
        {
            Directory.SetCurrentDirectory(before);
            Console.SetOut(console);
            context.Unload();
        }
    }

    private static bool IsCompiledOnly(CodeBlock block) => block.Comment.StartsWith(CompiledOnly, StringComparison.Ordinal);

    private string Source()
    {
        StringBuilder usings = new(), body = new();
        foreach (CodeBlock block in _blocks)
        {
            for (int i = 0; i < block.Text.Count; i++)
            {
                StringBuilder part = UsingLine().IsMatch(block.Text[i]) ? usings : body;
                part.Append("#line ").Append(block.Line + i).Append('\n').Append(block.Text[i]).Append('\n');
            }
        }

        // The same namespace may be named by more than one block, as each is read by itself.
        return $"#pragma warning disable CS0105\n{usings}{body}";
    }

    private static List<MetadataReference> FindReferences() =>
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(path => Path.GetFileName(path) is { } name && !name.StartsWith("KernelPolicy.Tests", StringComparison.Ordinal))
            .Select(path => MetadataReference.CreateFromFile(path)),
    ];

    [GeneratedRegex(@"^using (static )?[\w.]+;\s*$")]
    private static partial Regex UsingLine();
}
