using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace KernelPolicy.Hosting;

/// <summary>Whether the newest bundle is the one that serves.</summary>
internal sealed class BundleHealthCheck(BundleReloader reloader) : IHealthCheck
{
    /// <inheritdoc/>
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(reloader.Fault is { } fault
            ? HealthCheckResult.Degraded($"An older bundle is served: {fault}")
            : HealthCheckResult.Healthy("The newest bundle is served."));
}
