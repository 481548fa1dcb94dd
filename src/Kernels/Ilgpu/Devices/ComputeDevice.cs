using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using ILGPU;
using ILGPU.Runtime;
using ILGPU.Runtime.CPU;
using ILGPU.Runtime.Cuda;
using ILGPU.Runtime.OpenCL;

namespace KernelPolicy.Kernels.Ilgpu;

/// <summary>
/// One device, opened: the owner of its context, its queue, its compiled kernels and the account of its memory.
/// </summary>
/// <remarks>
/// Not thread-safe, and says so: whoever enters while another thread is at work gets an
/// <see cref="InvalidOperationException"/>. Work may move from one thread to another between calls. Dispose what lives on
/// the device first.
/// </remarks>
public sealed class ComputeDevice : IDisposable
{
    // The emulator runs every thread of a group as a thread of the system: few, but more than one warp of them.
    private const int EmulatedWarp = 8;
    private const int EmulatedWarps = 2;

    /// <summary>Warps of a group on a graphics processor, where it allows so many threads.</summary>
    internal const int WarpsPerGroup = 4;

    private const int GroupsPerProcessor = 4;

    private readonly Context _context;
    private readonly Dictionary<MethodInfo, Delegate> _launchers = [];
    private int _user;
    private int _depth;
    private int _bound;

    private ComputeDevice(Context context, Accelerator accelerator, AcceleratorKind kind, string name, long memoryBytes, DeviceStyle style)
    {
        (_context, Accelerator, Kind, Name, MemoryBytes, Style) = (context, accelerator, kind, name, memoryBytes, style);
        _bound = Environment.CurrentManagedThreadId;
    }

    /// <summary>How it is reached.</summary>
    public AcceleratorKind Kind { get; }

    /// <summary>What it calls itself.</summary>
    public string Name { get; }

    /// <summary>Its memory; what an emulator may take is the host's.</summary>
    public long MemoryBytes { get; }

    /// <summary>Bytes taken by what lives on it.</summary>
    public long ReservedBytes { get; private set; }

    /// <summary>Kernels launched so far.</summary>
    public long Launches { get; private set; }

    /// <summary>Bytes copied from the host so far.</summary>
    public long UploadedBytes { get; private set; }

    /// <summary>Bytes copied to the host so far.</summary>
    public long DownloadedBytes { get; private set; }

    /// <summary>Whether it is the processor, whose memory and cores the host uses as well.</summary>
    public bool IsProcessor => Style is DeviceStyle<Lanes16, OneThread>;

    /// <summary>Receives the time of each kernel while it is set; null lets launches follow each other.</summary>
    public LaunchProfile? Profile { get; set; }

    internal Accelerator Accelerator { get; }

    internal DeviceStyle Style { get; }

    /// <summary>The kernels loaded so far, each an instance of a generic method where it is one.</summary>
    internal IReadOnlyCollection<MethodInfo> Kernels => _launchers.Keys;

    /// <summary>While set, receives every array that is put on the device, so that a part which is given up half-made can be
    /// cleared away.</summary>
    internal ICollection<IDisposable>? NewArrays { get; set; }

    /// <summary>Opens the first usable device of a kind; the processor only where no other is usable.</summary>
    /// <exception cref="DeviceUnavailableException">There is none; it says which devices there are and why not.</exception>
    [RequiresDynamicCode(Accelerators.NeedsDynamicCode)]
    public static ComputeDevice Open(AcceleratorKind kind)
    {
        IReadOnlyList<AcceleratorInfo> all = Accelerators.List();
        if (!all.Any(info => info.Kind == kind && info.Available))
            throw new DeviceUnavailableException(kind, all);
        return kind switch
        {
            AcceleratorKind.Cuda => OpenCuda(),
            AcceleratorKind.OpenCl => OpenOpenCl(all),
            _ => OpenEmulator(asProcessor: false),
        };
    }

    /// <summary>Waits until everything launched is done.</summary>
    public void Synchronise()
    {
        Accelerator.DefaultStream.Synchronize();
        Profile?.End();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Accelerator.Dispose();
        _context.Dispose();
    }

    /// <summary>The emulator, working as a processor does (one thread a group, sixteen lanes) or as a graphics processor
    /// does (warps).</summary>
    [RequiresDynamicCode(Accelerators.NeedsDynamicCode)]
    internal static ComputeDevice OpenEmulator(bool asProcessor)
    {
        // Its threads must be a multiple of a warp; kernels that work as on a processor use one of them.
        CPUDevice described = new(EmulatedWarp, EmulatedWarps, 1);
        Context context = CreateContext(builder => builder.CPU(described));
        Accelerator accelerator = context.GetCPUDevice(0).CreateCPUAccelerator(context);
        return new ComputeDevice(
            context, accelerator, AcceleratorKind.CpuEmulator, "ILGPU's emulator", GC.GetGCMemoryInfo().TotalAvailableMemoryBytes,
            asProcessor ? ProcessorStyle(2) : (DeviceStyle)new DeviceStyle<Lanes4, EightOfWarp>(EmulatedWarp * EmulatedWarps, 2));
    }

    /// <summary>A context in which kernels are compiled as every device has them compiled.</summary>
    internal static Context CreateContext(Func<Context.Builder, Context.Builder> devices)
    {
        Context context = Context.Create(builder => devices(builder).EnableAlgorithms().Optimize(OptimizationLevel.O2));
        DeviceIntrinsics.Register(context);
        return context;
    }

    /// <summary>Enters the device for a call that launches or copies, until the result is disposed.</summary>
    /// <exception cref="InvalidOperationException">Another thread is at work on it.</exception>
    internal DeviceUse Use()
    {
        int thread = Environment.CurrentManagedThreadId;
        int user = Interlocked.CompareExchange(ref _user, thread, 0);
        if (user != 0 && user != thread)
            throw new InvalidOperationException($"{Name} is in use by another thread: a device serves one thread at a time.");
        _depth++;
        if (_bound != thread)
        {
            // CUDA keeps for each thread which device it talks to.
            Accelerator.Bind();
            _bound = thread;
        }

        return new DeviceUse(this);
    }

    internal void Leave()
    {
        if (--_depth == 0)
            Volatile.Write(ref _user, 0);
    }

    /// <summary>Counts the launch that follows.</summary>
    internal void CountLaunch(string kernel)
    {
        Launches++;
        if (Profile is not { } profile)
            return;
        Synchronise();
        profile.Begin(kernel);
    }

    /// <summary>The launcher of a kernel, which is compiled when it is first asked for and kept as long as the device.</summary>
    /// <remarks>ILGPU forgets a kernel that nothing refers to, and numbers its functions anew when it is loaded again, so that a
    /// driver's own cache does not know it either.</remarks>
    internal TLauncher Launcher<TLauncher>(MethodInfo kernel, Func<TLauncher> load)
        where TLauncher : Delegate
    {
        if (!_launchers.TryGetValue(kernel, out Delegate? launcher))
            _launchers.Add(kernel, launcher = load());
        return (TLauncher)launcher;
    }

    /// <summary>Counts the copy from the host that follows.</summary>
    internal void CountUpload(long bytes)
    {
        UploadedBytes += bytes;
        EndProfiled();
    }

    /// <summary>Counts the copy to the host that follows.</summary>
    internal void CountDownload(long bytes)
    {
        DownloadedBytes += bytes;
        EndProfiled();
    }

    internal void Reserve(long bytes)
    {
        if (bytes > MemoryBytes - ReservedBytes)
            throw new DeviceMemoryException(this, bytes);
        ReservedBytes += bytes;
    }

    internal void Release(long bytes) => ReservedBytes -= bytes;

    // What the host does between a copy and the next launch is no time of the kernel before.
    private void EndProfiled()
    {
        if (Profile is not null)
            Synchronise();
    }

    private static DeviceStyle<Lanes16, OneThread> ProcessorStyle(int processors) =>
        new DeviceStyle<Lanes16, OneThread>(1, processors * GroupsPerProcessor);

    private static ComputeDevice OpenCuda()
    {
        Context context = CreateContext(builder => builder.Cuda());
        try
        {
            CudaDevice described = context.GetCudaDevice(0);
            CudaAccelerator accelerator = described.CreateCudaAccelerator(context);
            return new ComputeDevice(
                context, accelerator, AcceleratorKind.Cuda, described.Name, described.MemorySize, GraphicsStyle(accelerator, hasShuffles: true));
        }
        catch
        {
            context.Dispose();
            throw;
        }
    }

    private static ComputeDevice OpenOpenCl(IReadOnlyList<AcceleratorInfo> all)
    {
        Context context = CreateContext(builder => builder.OpenCL());
        try
        {
            // ILGPU lists only devices that it can use; of those, the first that these kernels can use as well, the processor
            // last: its cores serve the host better by the SIMD kernels.
            CLDevice described = context.Devices.OfType<CLDevice>().Where(device => OpenClProbe.Shortcoming(device) is null)
                .OrderBy(OpenClProbe.IsProcessor).FirstOrDefault()
                ?? throw new DeviceUnavailableException(AcceleratorKind.OpenCl, all);
            CLAccelerator accelerator = described.CreateCLAccelerator(context);
            return new ComputeDevice(
                context, accelerator, AcceleratorKind.OpenCl, described.Name.Trim(), described.MemorySize,
                OpenClProbe.IsProcessor(described)
                    ? ProcessorStyle(described.NumMultiprocessors)
                    : GraphicsStyle(accelerator, OpenClProbe.HasShuffles(described)));
        }
        catch
        {
            context.Dispose();
            throw;
        }
    }

    private static DeviceStyle GraphicsStyle(Accelerator accelerator, bool hasShuffles)
    {
        int warp = Math.Max(accelerator.WarpSize, EightOfWarp.Size);
        int group = Math.Min(Math.Min(accelerator.MaxNumThreadsPerGroup, ITeam.MostThreads), WarpsPerGroup * warp);
        int groups = accelerator.NumMultiprocessors * GroupsPerProcessor;
        return hasShuffles ? new DeviceStyle<Lanes4, EightOfWarp>(group, groups) : new DeviceStyle<Lanes4, OneThread>(group, groups);
    }
}

/// <summary>A call's stay on a device.</summary>
internal readonly ref struct DeviceUse(ComputeDevice device)
{
    /// <summary>Leaves the device.</summary>
    public void Dispose() => device.Leave();
}
