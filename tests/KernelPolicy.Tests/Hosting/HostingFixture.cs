using KernelPolicy.Hosting;
using KernelPolicy.Policy;
using KernelPolicy.Tests.Serving;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using NUnit.Framework;

namespace KernelPolicy.Tests.Hosting;

/// <summary>A bundle of 60 items a0, a1, … that a host serves, and another of 70 items b0, b1, … to put in its place.</summary>
public abstract class HostingFixture
{
    protected static readonly TimeSpan Delay = TimeSpan.FromMilliseconds(20);

    protected string Folder { get; private set; } = null!;

    protected string BundlePath { get; private set; } = null!;

    internal ServingCase First { get; private set; } = null!;

    internal ServingCase Second { get; private set; } = null!;

    [SetUp]
    public void Make()
    {
        Folder = Directory.CreateTempSubdirectory("kernelpolicy-hosting-").FullName;
        BundlePath = Path.Combine(Folder, "model.kpolicy");
        First = new ServingCase(items: 60, idPrefix: "a");
        Second = new ServingCase(items: 70, idPrefix: "b");
        ServingBundle.Save(BundlePath, First.Policy, First.Index);
    }

    [TearDown]
    public void Remove()
    {
        First.Dispose();
        Second.Dispose();
        Directory.Delete(Folder, true);
    }

    protected IHost Host(Action<KernelPolicyOptions>? configure = null, Action<IServiceCollection>? services = null)
    {
        HostApplicationBuilder builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddLogging();
        builder.Services.AddKernelPolicy(options =>
        {
            options.BundlePath = BundlePath;
            options.ReloadDelay = Delay;
            configure?.Invoke(options);
        });
        builder.Services.AddHealthChecks().AddKernelPolicy();
        services?.Invoke(builder.Services);
        return builder.Build();
    }

    protected void SaveSecond() => ServingBundle.Save(BundlePath, Second.Policy, Second.Index);

    protected static string FirstId(RecommenderHost host)
    {
        ArgumentNullException.ThrowIfNull(host);
        using RecommenderLease lease = host.Acquire();
        return lease.Recommender.IdOf(0);
    }

    protected static RecommenderHost Served(IHost host)
    {
        ArgumentNullException.ThrowIfNull(host);
        return host.Services.GetRequiredService<RecommenderHost>();
    }

    /// <summary>What the check of the bundle says.</summary>
    protected static async Task<HealthReportEntry> Health(IHost host)
    {
        ArgumentNullException.ThrowIfNull(host);
        return (await host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync()).Entries["kernelpolicy"];
    }

    protected static async Task Until(Func<bool> isSo)
    {
        ArgumentNullException.ThrowIfNull(isSo);
        for (DateTime end = DateTime.UtcNow.AddSeconds(60); !isSo() && DateTime.UtcNow < end;)
            await Task.Delay(Delay);
        Assert.That(isSo(), Is.True, "within a minute");
    }

    protected static Task UntilHealth(IHost host, HealthStatus status) => Until(() => Health(host).GetAwaiter().GetResult().Status == status);
}
