using System.Diagnostics;

namespace KernelPolicy.Kernels.Ilgpu;

/// <summary>How long the kernels of a device take, each by itself: the device is waited for after every launch, so that steps
/// take longer while they are looked at.</summary>
public sealed class LaunchProfile
{
    private readonly Dictionary<string, (long Launches, double Milliseconds)> _kernels = [];
    private string? _running;
    private long _start;

    /// <summary>Launches and milliseconds of each kernel so far, in the order of their first launch.</summary>
    public IEnumerable<(string Kernel, long Launches, double Milliseconds)> Kernels =>
        _kernels.Select(entry => (entry.Key, entry.Value.Launches, entry.Value.Milliseconds));

    internal void End()
    {
        if (_running is null)
            return;
        (long launches, double milliseconds) = _kernels.GetValueOrDefault(_running);
        _kernels[_running] = (launches + 1, milliseconds + Stopwatch.GetElapsedTime(_start).TotalMilliseconds);
        _running = null;
    }

    internal void Begin(string kernel) => (_running, _start) = (kernel, Stopwatch.GetTimestamp());
}
