using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace KernelPolicy.Files;

/// <summary>A file that is written beside the one it is to replace, and removed unless it does.</summary>
/// <remarks>
/// <para>Which of the files beside a target are abandoned is told by locks, which the system ends with the process that holds them,
/// on whatever machine: not by process numbers, which are given anew and mean nothing in another container. Whoever writes a
/// temporary file holds it open, sharing it for reading, until it has its new name. Whoever removes one opens it for itself
/// alone first: that fails while anybody writes it.</para>
/// <para>Where locks hold nothing apart, as on some network drives, nothing is removed: each writer tries them on its own
/// file first.</para>
/// </remarks>
internal sealed class TemporaryFile : IDisposable
{
    private const string Extension = ".tmp";

    /// <summary>The framework has an exception of arguments for a file that grows beyond what the system allows (EFBIG), as beyond
    /// 4 GiB on FAT32; this is the parameter that it names.</summary>
    private const string TooLarge = "value";

    private const int Digits = 16;
    private const int MostAttempts = 20;
    private const int BufferBytes = 1 << 16;

    private static readonly SearchValues<char> Hexadecimal = SearchValues.Create("0123456789abcdef");

    private readonly string _target;
    private readonly FileStream _stream;
    private readonly FileStream _guard;
    private bool _isMoved;

    private TemporaryFile(string target, string path, FileStream stream, FileStream guard) =>
        (_target, Path, _stream, _guard) = (target, path, stream, guard);

    /// <summary>Where it is.</summary>
    public string Path { get; }

    /// <summary>Makes an empty file beside a target.</summary>
    public static TemporaryFile Beside(string target)
    {
        for (int attempt = 1; ; attempt++)
        {
            // A name that another has already is an error of CreateNew, and so is not overwritten. Not RandomNumberGenerator: that loads
            // OpenSSL, which a service need not have.
            string path = $"{target}.{Guid.NewGuid().ToString("N")[^Digits..]}{Extension}";
            if (TryCreate(target, path, isLast: attempt >= MostAttempts, out TemporaryFile? made))
                return made;
        }
    }

    /// <summary>Writes the content and flushes it to the disk.</summary>
    /// <exception cref="IOException">That fails.</exception>
    public void Write(Action<FileStream> write)
    {
        try
        {
            write(_stream);
            _stream.Flush(flushToDisk: true);
            _stream.Dispose();
        }
        catch (ArgumentOutOfRangeException e) when (e.ParamName == TooLarge)
        {
            throw new IOException($"'{_target}' cannot be written: the file system, or a limit, allows no file so large.", e);
        }
    }

    /// <summary>Renames it over the target.</summary>
    public void Replace()
    {
        File.Move(Path, _target, overwrite: true);
        _isMoved = true;
    }

    /// <summary>Removes files that others left beside the target, as far as that can be done.</summary>
    public void RemoveAbandoned()
    {
        try
        {
            string folder = System.IO.Path.GetDirectoryName(_target)!;
            string[] others = [.. Directory.EnumerateFiles(folder).Where(other => other != Path && IsTemporary(other))];
            if (others.Length == 0 || TryRemove(Path, FileOptions.None))
                return;
            foreach (string other in others)
                TryRemove(other, FileOptions.DeleteOnClose);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A folder that may be written to but not listed.
        }
    }

    /// <summary>Removes the file, unless it has replaced the target.</summary>
    public void Dispose()
    {
        // What failed first is to be told, not that the rest of the buffer then failed as well.
        try
        {
            _stream.Dispose();
        }
        catch (Exception e) when (e is IOException or ArgumentOutOfRangeException { ParamName: TooLarge })
        {
        }

        if (!_isMoved)
            Delete(Path);
        _guard.Dispose();
    }

    private static bool TryCreate(string target, string path, bool isLast, [NotNullWhen(true)] out TemporaryFile? made)
    {
        FileStream? stream = null, guard = null;
        try
        {
            stream = new FileStream(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.Read | FileShare.Delete, BufferBytes);

            // Unix locks a file after it has opened it: until here, one that cleans up may have taken it for abandoned. The second
            // handle also outlives the writing, so that the file is held while it is renamed; and it only reads, since network
            // drives refuse to share what is open for writing.
            guard = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 0);
            if (File.Exists(path))
            {
                made = new TemporaryFile(target, path, stream, guard);
                return true;
            }
        }
        catch (IOException) when (!isLast)
        {
        }
        catch
        {
            Abandon();
            throw;
        }

        Abandon();
        made = null;
        return false;

        void Abandon()
        {
            guard?.Dispose();
            stream?.Dispose();
            if (stream is not null)
                Delete(path);
        }
    }

    /// <summary>Whether a file's name is that of one that is written beside the target. Compared, not matched: a target's name may
    /// hold what a pattern takes for a wildcard.</summary>
    private bool IsTemporary(string path)
    {
        int start = _target.Length + 1;
        return path.Length == start + Digits + Extension.Length
            && path.StartsWith(_target, StringComparison.Ordinal) && path[start - 1] == '.'
            && path.EndsWith(Extension, StringComparison.Ordinal)
            && path.AsSpan(start, Digits).IndexOfAnyExcept(Hexadecimal) < 0;
    }

    /// <summary>Opens a file for itself alone, and so closes it.</summary>
    /// <returns>Whether nobody else held it.</returns>
    private static bool TryRemove(string path, FileOptions options)
    {
        try
        {
            new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None, 0, options).Dispose();
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static void Delete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The next write to the target tries again.
        }
    }
}
