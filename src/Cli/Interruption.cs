using System.Runtime.InteropServices;
using KernelPolicy.Cli.Ranks;

namespace KernelPolicy.Cli;

/// <summary>
/// Ctrl-C and termination: the first asks the work to stop where it can go on later, the second ends the process.
/// </summary>
internal sealed class Interruption : IDisposable
{
    private readonly CancellationTokenSource _source = new();
    private readonly TextWriter _error;
    private readonly PosixSignalRegistration[] _registrations;

    public Interruption(TextWriter error)
    {
        _error = error;
        _registrations =
        [
            PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal),
            PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal),
        ];
    }

    /// <summary>Cancelled by the first signal.</summary>
    public CancellationToken Token => _source.Token;

    public void Dispose()
    {
        foreach (PosixSignalRegistration registration in _registrations)
            registration.Dispose();
        _source.Dispose();
    }

    private void OnSignal(PosixSignalContext signal)
    {
        if (_source.IsCancellationRequested)
            return;
        signal.Cancel = true;
        _error.WriteLine(RankedProcess.IsOneOfMany
            ? "mpirun ends this job: it was stopped, or a rank has failed. With --resume a training goes on from its last checkpoint, "
                + "also with another number of ranks."
            : "Stopping; press Ctrl-C once more to stop at once.");
        _source.Cancel();
    }
}
