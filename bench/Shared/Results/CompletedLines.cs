namespace KernelPolicy.Bench;

/// <summary>Writes a file of lines that exists under its name only once it is complete: that is what lets a run go on where it was
/// stopped.</summary>
internal sealed class CompletedLines : IDisposable
{
    private readonly string _path;
    private readonly StreamWriter _writer;

    /// <summary>Begins a file.</summary>
    public CompletedLines(string path, string header)
    {
        _path = path;
        _writer = new StreamWriter(path + ".part");
        _writer.WriteLine(header);
    }

    /// <summary>Writes a line.</summary>
    public void Add(string line) => _writer.WriteLine(line);

    /// <summary>Puts the file in its place.</summary>
    public void Complete()
    {
        _writer.Dispose();
        File.Move(_path + ".part", _path, overwrite: true);
    }

    /// <inheritdoc/>
    public void Dispose() => _writer.Dispose();

    /// <summary>The lines behind the header.</summary>
    /// <exception cref="InvalidDataException">The header is another.</exception>
    public static string[] Read(string path, string header)
    {
        string[] lines = File.ReadAllLines(path);
        return lines.Length > 0 && lines[0] == header ? lines[1..] : throw new InvalidDataException($"{path} does not begin with '{header}'.");
    }
}
