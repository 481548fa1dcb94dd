using System.Text.Json;
using System.Text;
using KernelPolicy.Cli;
using NUnit.Framework;

namespace KernelPolicy.Tests.Cli;

/// <summary>One run of the tool within this process.</summary>
internal sealed record ToolRun(int Code, string Output, string Error)
{
    public JsonElement Json => JsonDocument.Parse(Output).RootElement;

    public static ToolRun Of(params string[] arguments) => Of(arguments, new StringWriter(), default);

    public static ToolRun Of(string[] arguments, StringWriter error, CancellationToken cancellation)
    {
        using StringWriter output = new();
        int code = CommandLineTool.Run(arguments, output, error, cancellation);
        return new ToolRun(code, output.ToString(), error.ToString());
    }
}

/// <summary>A standard error that stops the run once it shows a text.</summary>
internal sealed class StoppingWriter(string text, CancellationTokenSource source) : StringWriter
{
    public override void WriteLine(string? value)
    {
        base.WriteLine(value);
        if (value?.Contains(text, StringComparison.Ordinal) == true)
            source.Cancel();
    }

    public override Encoding Encoding => Encoding.UTF8;
}

/// <summary>A folder for the files of one test.</summary>
internal sealed class TestFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("kernelpolicy-");

    public string this[string name] => Path.Combine(_folder.FullName, name);

    /// <summary>Writes a small log and names it.</summary>
    public string Log(string name = "log.csv")
    {
        ToolRun run = ToolRun.Of("generate", "--out", this[name], "--items", "120", "--users", "150", "--clusters", "6", "--json");
        Assert.That(run.Code, Is.Zero, run.Error);
        return this[name];
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
