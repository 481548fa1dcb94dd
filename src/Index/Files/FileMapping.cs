using System.IO.MemoryMappedFiles;

namespace KernelPolicy.Index.Files;

/// <summary>A file mapped into memory, read-only, for as long as someone holds a share of it.</summary>
/// <remarks>
/// The file may be replaced by renaming another over it: the mapping keeps the old content. Cutting it short in place,
/// which nothing of ours does, would take the memory away under the readers.
/// </remarks>
internal sealed unsafe class FileMapping : IDisposable
{
    private readonly MemoryMappedFile _map;
    private readonly MemoryMappedViewAccessor _view;
    private int _owners = 1;

    /// <summary>Maps a file of at least one byte; the stream may be closed afterwards.</summary>
    public FileMapping(FileStream file)
    {
        _map = MemoryMappedFile.CreateFromFile(file, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: true);
        _view = _map.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read);
        byte* pointer = null;
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref pointer);
        Pointer = pointer + _view.PointerOffset;
    }

    /// <summary>Lets go of a mapping that nobody disposed; the handle, whose finaliser comes later, then unmaps it.</summary>
    ~FileMapping()
    {
        if (Volatile.Read(ref _owners) > 0)
            _view.SafeMemoryMappedViewHandle.ReleasePointer();
    }

    /// <summary>The file's first byte.</summary>
    public byte* Pointer { get; }

    /// <summary>Counts one more holder, who disposes it once.</summary>
    public IDisposable Share()
    {
        Interlocked.Increment(ref _owners);
        return new Holder(this);
    }

    /// <summary>Ends the first holder's share.</summary>
    public void Dispose()
    {
        if (Interlocked.Decrement(ref _owners) != 0)
            return;
        _view.SafeMemoryMappedViewHandle.ReleasePointer();
        _view.Dispose();
        _map.Dispose();
        GC.SuppressFinalize(this);
    }

    private sealed class Holder(FileMapping mapping) : IDisposable
    {
        private FileMapping? _mapping = mapping;

        public void Dispose() => Interlocked.Exchange(ref _mapping, null)?.Dispose();
    }
}
