using KernelPolicy.Policy;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace KernelPolicy.Hosting;

/// <summary>Adds a recommender to a host.</summary>
public static class KernelPolicyServices
{
    /// <summary>
    /// Serves a bundle: <see cref="RecommenderHost"/> may be asked for, the bundle is opened while the host starts, and replaced
    /// when its file is. A host with wrong options, or without a bundle that can be opened, does not start.
    /// </summary>
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

    /// <summary>Adds a health check: healthy while the newest file is served, degraded where it could not be opened and an older one
    /// goes on.</summary>
    public static IHealthChecksBuilder AddKernelPolicy(this IHealthChecksBuilder checks, string name = "kernelpolicy")
    {
        ArgumentNullException.ThrowIfNull(checks);
        return checks.Add(new HealthCheckRegistration(
            name, services => new BundleHealthCheck(services.GetRequiredService<BundleReloader>()), failureStatus: null, tags: null));
    }

    private static IServiceCollection AddServices(IServiceCollection services)
    {
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<KernelPolicyOptions>, KernelPolicyOptionsValidator>());
        services.TryAddSingleton(provider => OpenedBundle.Open(provider.GetRequiredService<IOptions<KernelPolicyOptions>>().Value));
        services.TryAddSingleton(provider => provider.GetRequiredService<OpenedBundle>().Host);
        services.TryAddSingleton<BundleReloader>();
        services.AddHostedService(provider => provider.GetRequiredService<BundleReloader>());
        return services;
    }
}
