using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace KernelPolicy.Distributed;

/// <summary>The few calls of Open MPI that the ranks need, taken from the library that is installed.</summary>
/// <remarks>Open MPI 4 and 5 share one binary interface, that of libmpi.so.40: its handles are addresses of its own objects. Another MPI
/// has other handles, and is refused.</remarks>
internal sealed unsafe class MpiLibrary
{
    /// <summary>Calls come from one thread at a time, not always the same.</summary>
    private const int ThreadSerialized = 2;

    private const int Success = 0;
    private const int LongestText = 8192;

    private static readonly string[] Names = OperatingSystem.IsMacOS() ? ["libmpi.40.dylib", "libmpi.dylib"] : ["libmpi.so.40", "libmpi.so"];

    private readonly nint _world;
    private readonly nint _byte;
    private readonly delegate* unmanaged[Cdecl]<byte*, int*, int*, nint, byte*, int*, int*, nint, nint, nint*, int> _allToAll;
    private readonly delegate* unmanaged[Cdecl]<nint*, int*, void*, int> _test;
    private readonly delegate* unmanaged[Cdecl]<void*, int, nint, int, nint, nint*, int> _broadcast;
    private readonly delegate* unmanaged[Cdecl]<nint, nint*, int> _barrier;
    private readonly delegate* unmanaged[Cdecl]<nint, int, int> _abort;
    private readonly delegate* unmanaged[Cdecl]<int> _finalize;
    private readonly delegate* unmanaged[Cdecl]<int, byte*, int*, int> _errorText;

    private MpiLibrary(nint library)
    {
        _world = Export("ompi_mpi_comm_world");
        _byte = Export("ompi_mpi_byte");
        nint errorsReturn = Export("ompi_mpi_errors_return");
        _allToAll = (delegate* unmanaged[Cdecl]<byte*, int*, int*, nint, byte*, int*, int*, nint, nint, nint*, int>)Export("MPI_Ialltoallv");
        _test = (delegate* unmanaged[Cdecl]<nint*, int*, void*, int>)Export("MPI_Test");
        _broadcast = (delegate* unmanaged[Cdecl]<void*, int, nint, int, nint, nint*, int>)Export("MPI_Ibcast");
        _barrier = (delegate* unmanaged[Cdecl]<nint, nint*, int>)Export("MPI_Ibarrier");
        _abort = (delegate* unmanaged[Cdecl]<nint, int, int>)Export("MPI_Abort");
        _finalize = (delegate* unmanaged[Cdecl]<int>)Export("MPI_Finalize");
        _errorText = (delegate* unmanaged[Cdecl]<int, byte*, int*, int>)Export("MPI_Error_string");
        var initialise = (delegate* unmanaged[Cdecl]<int*, byte***, int, int*, int>)Export("MPI_Init_thread");
        var setErrors = (delegate* unmanaged[Cdecl]<nint, nint, int>)Export("MPI_Comm_set_errhandler");
        var version = (delegate* unmanaged[Cdecl]<byte*, int*, int>)Export("MPI_Get_library_version");
        var rank = (delegate* unmanaged[Cdecl]<nint, int*, int>)Export("MPI_Comm_rank");
        var size = (delegate* unmanaged[Cdecl]<nint, int*, int>)Export("MPI_Comm_size");

        int provided;
        Check("MPI_Init_thread", initialise(null, null, ThreadSerialized, &provided));
        Check("MPI_Comm_set_errhandler", setErrors(_world, errorsReturn));
        if (provided < ThreadSerialized)
            throw new MpiException($"This MPI allows calls from one thread only (level {provided}, {ThreadSerialized} is needed).");
        int number;
        Check("MPI_Comm_rank", rank(_world, &number));
        Rank = number;
        Check("MPI_Comm_size", size(_world, &number));
        Size = number;
        byte* text = stackalloc byte[LongestText];
        Check("MPI_Get_library_version", version(text, &number));
        Version = ShortVersion(Encoding.UTF8.GetString(text, number));

        nint Export(string name) => NativeLibrary.TryGetExport(library, name, out nint address)
            ? address
            : throw new MpiUnavailableException($"The MPI that is installed has no {name}: it is not Open MPI. {MpiUnavailableException.Remedy}");
    }

    /// <summary>Number of this rank.</summary>
    public int Rank { get; }

    /// <summary>n.</summary>
    public int Size { get; }

    /// <summary>Which library it is: Open MPI 5.0.7.</summary>
    public string Version { get; }

    /// <summary>Loads the library and joins the ranks.</summary>
    /// <exception cref="MpiUnavailableException">There is none, or it is another MPI.</exception>
    /// <exception cref="MpiException">It could not begin.</exception>
    public static MpiLibrary Start() => Start(Names);

    /// <summary>Loads the first library that is there and joins the ranks.</summary>
    /// <inheritdoc cref="Start()" path="/exception"/>
    internal static MpiLibrary Start(ReadOnlySpan<string> names)
    {
        foreach (string name in names)
        {
            if (NativeLibrary.TryLoad(name, out nint library))
                return new MpiLibrary(library);
        }

        throw new MpiUnavailableException($"Open MPI is not installed: none of {string.Join(", ", names)} can be loaded. {MpiUnavailableException.Remedy}");
    }

    /// <summary>Begins a transfer of pieces; counts and offsets, in bytes, stay in place until it is done.</summary>
    public nint AllToAll(byte* source, int* counts, int* offsets, byte* destination, int* incomingCounts, int* incomingOffsets)
    {
        nint request;
        Check("MPI_Ialltoallv", _allToAll(source, counts, offsets, _byte, destination, incomingCounts, incomingOffsets, _byte, _world, &request));
        return request;
    }

    /// <summary>Whether a transfer is done; its request is then spent.</summary>
    public bool IsDone(ref nint request)
    {
        int done;
        nint current = request;
        Check("MPI_Test", _test(&current, &done, null));
        request = current;
        return done != 0;
    }

    /// <summary>Begins to give all what one has.</summary>
    public nint Broadcast(void* values, int count, int root)
    {
        nint request;
        Check("MPI_Ibcast", _broadcast(values, count, _byte, root, _world, &request));
        return request;
    }

    /// <summary>Begins to wait for all.</summary>
    public nint Barrier()
    {
        nint request;
        Check("MPI_Ibarrier", _barrier(_world, &request));
        return request;
    }

    /// <summary>Ends the job.</summary>
    public void Abort(int exitCode) => Check("MPI_Abort", _abort(_world, exitCode));

    /// <summary>Leaves the ranks; waits for all.</summary>
    public void Finish() => Check("MPI_Finalize", _finalize());

    private void Check(string call, int code, [CallerMemberName] string caller = "")
    {
        if (code == Success)
            return;
        byte* text = stackalloc byte[LongestText];
        int length = 0;
        string words = _errorText(code, text, &length) == Success ? Encoding.UTF8.GetString(text, length) : $"error {code}";
        throw new MpiException($"{call} failed in {caller}: {words}");
    }

    // "Open MPI v4.1.4, package: Debian OpenMPI, ident: 4.1.4, ..."
    private static string ShortVersion(string version)
    {
        int comma = version.IndexOf(',', StringComparison.Ordinal);
        return (comma < 0 ? version : version[..comma]).Replace(" v", " ", StringComparison.Ordinal).Trim('\0', ' ', '\n');
    }
}
