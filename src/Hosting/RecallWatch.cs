using KernelPolicy.Policy;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace KernelPolicy.Hosting;

/// <summary>The monitor of the recall, where one is asked for: it audits from the host's start to its stop.</summary>
internal sealed class RecallWatch(IOptions<KernelPolicyOptions> options) : IHostedService, IDisposable
{
    private readonly CancellationTokenSource _stop = new();

    /// <summary>The monitor; null where the recall is not watched.</summary>
    public RecallMonitor? Monitor { get; } = options.Value.Recall is { } recall ? new RecallMonitor(recall) : null;

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        Monitor?.Start(_stop.Token);
        return Task.CompletedTask;
    }

    /// <summary>Lets the audit under way end by itself; <see cref="Dispose"/> waits for it.</summary>
    public Task StopAsync(CancellationToken cancellationToken) => _stop.CancelAsync();

    /// <inheritdoc/>
    public void Dispose()
    {
        Monitor?.Dispose();
        _stop.Dispose();
    }
}
