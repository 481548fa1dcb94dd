using KernelPolicy.Policy;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace KernelPolicy.Hosting;

/// <summary>Whether something serves, whether it is the newest bundle, and whether it finds what it should.</summary>
internal sealed class BundleHealthCheck(
    ServedBundle bundle, BundleReloader reloader, RecallWatch watch, IOptions<KernelPolicyOptions> options, IHostApplicationLifetime? lifetime)
    : IHealthCheck
{
    /// <inheritdoc/>
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        Dictionary<string, object> data = new() { ["bundle"] = options.Value.BundlePath };
        string? fault = reloader.Fault;
        RecallHealth? recall = watch.Monitor?.Health;
        if (recall is not null)
        {
            data["recall_samples"] = recall.Samples;

            // Not a number before the first sample, which JSON cannot say.
            if (recall.Samples > 0)
                data["recall"] = recall.Recall;
        }

        if (WhyNothingServes(data) is { } why)
            return Task.FromResult(new HealthCheckResult(context.Registration.FailureStatus, why, null, data));
        string words = string.Join(' ', fault is null ? "The newest bundle is served." : $"An older bundle is served: {fault}", recall?.Description).TrimEnd();
        bool isWorse = fault is not null || recall?.Status == RecallStatus.Degraded;
        return Task.FromResult(new HealthCheckResult(isWorse ? HealthStatus.Degraded : HealthStatus.Healthy, words, null, data));
    }

    /// <summary>Null where something serves, which is described in the data.</summary>
    private string? WhyNothingServes(Dictionary<string, object> data)
    {
        if (bundle.HostIfOpen is not { } host)
            return "No bundle has been opened yet.";
        try
        {
            using RecommenderLease lease = host.Acquire();
            data["items"] = lease.Recommender.ItemCount;
            data["available"] = lease.Recommender.AvailableCount;
            data["swaps"] = host.Version;
        }
        catch (ObjectDisposedException)
        {
            return "The recommender is disposed.";
        }

        return lifetime?.ApplicationStopping.IsCancellationRequested == true ? "The host is stopping." : null;
    }
}
