using System.Diagnostics.Metrics;
using KernelPolicy.Hosting;
using KernelPolicy.Index;
using KernelPolicy.Policy;
using KernelPolicy.Tests.Serving;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using NUnit.Framework;

namespace KernelPolicy.Tests.Hosting;

/// <summary>What a host says of itself: whether it is ready, and what it finds.</summary>
[NonParallelizable]
public sealed class HostedHealthTests : HostingFixture
{
    [Test]
    public async Task Nothing_serves_before_the_start_and_after_the_stop()
    {
        using IHost host = Host();
        HealthReportEntry before = await Health(host);
        Assert.That((before.Status, before.Description), Is.EqualTo((HealthStatus.Unhealthy, "No bundle has been opened yet.")));
        await host.StartAsync();
        HealthReportEntry now = await Health(host);
        Assert.That(now.Status, Is.EqualTo(HealthStatus.Healthy));
        Assert.That(
            now.Data, Is.EquivalentTo(new Dictionary<string, object> { ["bundle"] = BundlePath, ["items"] = 60, ["available"] = 60, ["swaps"] = 0L }));
        await host.StopAsync();
        Assert.That((await Health(host)).Status, Is.EqualTo(HealthStatus.Unhealthy));
        Served(host).Dispose();
        Assert.That((await Health(host)).Description, Does.Contain("disposed"));
    }

    /// <summary>A host whose services start concurrently answers while the bundle is opened, here for as long as the test says.</summary>
    [Test]
    public async Task A_host_that_is_opening_is_not_ready()
    {
        using ManualResetEventSlim go = new();
        using IHost host = Host(
            options => options.OnOpened = _ => go.Wait(TimeSpan.FromMinutes(1)),
            services => services.Configure<HostOptions>(options => options.ServicesStartConcurrently = true));
        Task start = host.StartAsync();
        Assert.That((await Health(host)).Status, Is.EqualTo(HealthStatus.Unhealthy));
        Assert.That(start.IsCompleted, Is.False);
        go.Set();
        await start;
        Assert.That((await Health(host)).Status, Is.EqualTo(HealthStatus.Healthy));
        await host.StopAsync();
    }

    [Test]
    public async Task The_check_bears_name_tags_and_failure_status()
    {
        using IHost host = Host(services: services => services.AddHealthChecks().AddKernelPolicy("second", HealthStatus.Degraded, ["ready"]));
        HealthReport report = await host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync();
        Assert.That(report.Entries["second"].Status, Is.EqualTo(HealthStatus.Degraded));
        Assert.That(report.Entries["second"].Tags, Is.EqualTo((string[])["ready"]));
        Assert.That(report.Entries["kernelpolicy"].Tags, Is.Empty);
    }

    /// <summary>The first bundle's index hardly looks; the second's finds all.</summary>
    [Test]
    public async Task The_recall_is_watched_from_the_start_over_a_swap_to_the_stop()
    {
        using ServingCase large = new(items: 4000, dimension: 24, idPrefix: "c");
        using HnswIndex poor = HnswIndex.Build(large.Policy.Items, new HnswOptions { M = 4, EfSearch = 1, LongestAsStarts = 0 }, large.Team);
        ServingBundle.Save(BundlePath, large.Policy, poor);
        double published = double.NaN;
        using MeterListener listener = new()
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Name == ServingMeter.AuditRecall)
                    listener.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<double>((_, value, _, _) => Volatile.Write(ref published, value));
        listener.Start();
        using IHost host = Host(options => options.Recall = new RecallMonitorOptions
        {
            Every = 1, LeastSamples = 20, Interval = TimeSpan.FromMilliseconds(5), LargestShare = 1,
        });
        await host.StartAsync();
        HealthReportEntry before = await Health(host);
        Assert.That((before.Status, before.Data["recall_samples"], before.Data.ContainsKey("recall")), Is.EqualTo((HealthStatus.Healthy, 0L, false)));
        Ask(host, large, 40);
        await UntilHealth(host, HealthStatus.Degraded);
        await Until(() => (long)Health(host).GetAwaiter().GetResult().Data["recall_samples"] == 40);
        HealthReportEntry poorly = await Health(host);
        double recall = (double)poorly.Data["recall"];
        Assert.That(recall, Is.LessThan(0.9));
        Assert.That(poorly.Description, Does.StartWith("The newest bundle is served. Recall at 10 is 0.").And.Contain("0.95"));
        Assert.That(Volatile.Read(ref published), Is.EqualTo(recall));

        SaveSecond();
        await Until(() => Served(host).Version == 1);
        Assert.That((await Health(host)).Status, Is.EqualTo(HealthStatus.Healthy), "what the first found has nothing to do with it");
        Ask(host, Second, 40);
        await Until(() => (long)Health(host).GetAwaiter().GetResult().Data["recall_samples"] == 40);
        Assert.That((double)(await Health(host)).Data["recall"], Is.EqualTo(1));
        await host.StopAsync();
        Ask(host, Second, 40);
        await Task.Delay(Delay);
        Assert.That((await Health(host)).Data["recall_samples"], Is.EqualTo(40L), "it stopped with the host");
    }

    [Test]
    public async Task The_recall_is_watched_as_the_configuration_says()
    {
        KernelPolicyOptions options = await Configured([]);
        Assert.That(options.Recall, Is.Null);
        options = await Configured(new() { ["Recall:Every"] = "7", ["Recall:Bound"] = "0.9", ["Recall:Interval"] = "00:00:03" });
        Assert.That(options.Recall, Is.EqualTo(new RecallMonitorOptions { Every = 7, Bound = 0.9, Interval = TimeSpan.FromSeconds(3) }));
        Assert.That(
            () => Configured(new() { ["Recall:LargestShare"] = "2" }),
            Throws.InstanceOf<OptionsValidationException>().With.Message.Contains("Recall.LargestShare is 2; LargestShare must be above 0 and at most 1."));

        async Task<KernelPolicyOptions> Configured(Dictionary<string, string?> values)
        {
            HostApplicationBuilder builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(null);
            builder.Configuration.AddInMemoryCollection(values.ToDictionary(pair => $"KernelPolicy:{pair.Key}", pair => pair.Value));
            builder.Configuration.AddInMemoryCollection([new("KernelPolicy:BundlePath", BundlePath)]);
            builder.Services.AddKernelPolicy(builder.Configuration.GetSection("KernelPolicy"));
            builder.Services.AddKernelPolicy(builder.Configuration.GetSection("KernelPolicy"));
            using IHost host = builder.Build();
            await host.StartAsync();
            await host.StopAsync();
            Assert.That(host.Services.GetServices<IHostedService>().Count(), Is.EqualTo(2), "added twice, it is there once");
            return host.Services.GetRequiredService<IOptions<KernelPolicyOptions>>().Value;
        }
    }

    private static void Ask(IHost host, ServingCase one, int requests)
    {
        using RecommenderLease lease = Served(host).Acquire();
        for (int number = 0; number < requests; number++)
            lease.Recommender.Recommend(one.Context(number), new int[10], new float[10]);
    }
}
