using KernelPolicy.Policy;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace KernelPolicy.Hosting;

/// <summary>Adds a recommender to a host.</summary>
public static class KernelPolicyServices
{
    /// <summary>
    /// Serves a bundle: <see cref="RecommenderHost"/> may be asked for, the bundle is opened while the host starts, and replaced
    /// when its file is. A host with wrong options, or without a bundle that can be opened, does not start.
    /// </summary>
    /// <remarks>Whoever asks for the <see cref="RecommenderHost"/> before the bundle is open waits for it.</remarks>
    /// <param name="services">The host's services.</param>
    /// <param name="configure">Sets the options.</param>
    public static IServiceCollection AddKernelPolicy(this IServiceCollection services, Action<KernelPolicyOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configure);
        services.AddOptions<KernelPolicyOptions>().Configure(configure).ValidateOnStart();
        return AddServices(services);
    }

    /// <summary>Serves a bundle by options from a section of the configuration, which are read once, at the start.</summary>
    /// <inheritdoc cref="AddKernelPolicy(IServiceCollection, Action{KernelPolicyOptions})"/>
    public static IServiceCollection AddKernelPolicy(this IServiceCollection services, IConfigurationSection section)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(section);
        services.AddOptions<KernelPolicyOptions>().Bind(section).ValidateOnStart();
        return AddServices(services);
    }

    /// <summary>
    /// Adds a health check: healthy while the newest file is served at the recall that is asked for; degraded where it could not be
    /// opened and an older one goes on, or where the recall is below its bound; of the failure status before the bundle is open, and
    /// when the host stops.
    /// </summary>
    /// <remarks>Its data: bundle, items, available, swaps; recall (after the first sample) and recall_samples where it is
    /// watched.</remarks>
    /// <param name="checks">The host's health checks.</param>
    /// <param name="name">The check's name.</param>
    /// <param name="failureStatus">What it says where nothing serves; unhealthy where null.</param>
    /// <param name="tags">Tags to choose the check by, as for an endpoint of readiness.</param>
    public static IHealthChecksBuilder AddKernelPolicy(
        this IHealthChecksBuilder checks, string name = "kernelpolicy", HealthStatus? failureStatus = null, IEnumerable<string>? tags = null)
    {
        ArgumentNullException.ThrowIfNull(checks);
        ArgumentException.ThrowIfNullOrEmpty(name);
        return checks.Add(new HealthCheckRegistration(
            name,
            services => new BundleHealthCheck(
                services.GetRequiredService<ServedBundle>(), services.GetRequiredService<BundleReloader>(),
                services.GetRequiredService<RecallWatch>(), services.GetRequiredService<IOptions<KernelPolicyOptions>>(),
                services.GetService<IHostApplicationLifetime>()),
            failureStatus, tags));
    }

    private static IServiceCollection AddServices(IServiceCollection services)
    {
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<KernelPolicyOptions>, KernelPolicyOptionsValidator>());

        // Made in this order, so disposed in the other: the monitor after the recommenders that it watches.
        services.TryAddSingleton<RecallWatch>();
        services.TryAddSingleton<ServedBundle>();
        services.TryAddSingleton(provider => provider.GetRequiredService<ServedBundle>().Host);
        services.TryAddSingleton<BundleReloader>();
        services.AddHostedService(provider => provider.GetRequiredService<RecallWatch>());
        services.AddHostedService(provider => provider.GetRequiredService<BundleReloader>());
        return services;
    }
}
