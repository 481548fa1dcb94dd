using KernelPolicy.Hosting;
using KernelPolicy.Policy;
using KernelPolicy.Tests.Serving;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using NUnit.Framework;

namespace KernelPolicy.Tests.Hosting;

/// <summary>A recommender in a .NET host: start, reload, health, end.</summary>
public sealed class HostingTests
{
    private static readonly TimeSpan Delay = TimeSpan.FromMilliseconds(20);

    private string _folder = null!;
    private string _path = null!;
    private ServingCase _first = null!;
    private ServingCase _second = null!;

    [SetUp]
    public void Make()
    {
        _folder = Directory.CreateTempSubdirectory("kernelpolicy-hosting-").FullName;
        _path = Path.Combine(_folder, "model.kpolicy");
        _first = new ServingCase(items: 60, idPrefix: "a");
        _second = new ServingCase(items: 70, idPrefix: "b");
        ServingBundle.Save(_path, _first.Policy, _first.Index);
    }

    [TearDown]
    public void Remove()
    {
        _first.Dispose();
        _second.Dispose();
        Directory.Delete(_folder, true);
    }

    [Test]
    public async Task A_new_file_is_served_without_a_restart()
    {
        using IHost host = Host();
        await host.StartAsync();
        RecommenderHost served = host.Services.GetRequiredService<RecommenderHost>();
        Assert.That(FirstId(served), Is.EqualTo("a0"));
        ServingBundle.Save(_path, _second.Policy, _second.Index);
        await Until(() => served.Version == 1);
        Assert.That(FirstId(served), Is.EqualTo("b0"));
        Assert.That((await Health(host)).Status, Is.EqualTo(HealthStatus.Healthy));
        await host.StopAsync();
        host.Dispose();
        Assert.That(() => { using RecommenderLease lease = served.Acquire(); }, Throws.InstanceOf<ObjectDisposedException>());
    }

    [Test]
    public async Task A_broken_file_leaves_the_old_one_in_service()
    {
        using IHost host = Host();
        await host.StartAsync();
        RecommenderHost served = host.Services.GetRequiredService<RecommenderHost>();
        string broken = Path.Combine(_folder, "broken");
        await File.WriteAllBytesAsync(broken, new byte[5000]);
        File.Move(broken, _path, true);
        HealthReport report = await Health(host);
        for (DateTime end = DateTime.UtcNow.AddSeconds(60); report.Status == HealthStatus.Healthy && DateTime.UtcNow < end;)
        {
            await Task.Delay(Delay);
            report = await Health(host);
        }

        Assert.That(report.Status, Is.EqualTo(HealthStatus.Degraded));
        Assert.That(report.Entries["kernelpolicy"].Description, Does.Contain("model.kpolicy"));
        Assert.That((FirstId(served), served.Version), Is.EqualTo(("a0", 0L)));

        ServingBundle.Save(_path, _second.Policy, _second.Index);
        await Until(() => served.Version == 1);
        Assert.That(FirstId(served), Is.EqualTo("b0"));
        await Until(() => Health(host).GetAwaiter().GetResult().Status == HealthStatus.Healthy);
        await host.StopAsync();
    }

    [Test]
    public void A_host_without_a_bundle_does_not_start()
    {
        using (IHost none = Host(options => options.BundlePath = Path.Combine(_folder, "none.kpolicy")))
            Assert.That(() => none.StartAsync(), Throws.InstanceOf<FileNotFoundException>());
        File.WriteAllText(_path, "not a bundle, but long enough to have a header of one, which is some tens of bytes");
        using IHost damaged = Host();
        Assert.That(() => damaged.StartAsync(), Throws.InstanceOf<InvalidDataException>());
    }

    [Test]
    public void Wrong_options_are_named_with_their_ranges()
    {
        using IHost host = Host(options =>
        {
            options.BundlePath = " ";
            options.EfSearch = 0;
            options.Verification = (BundleVerification)7;
            options.ReloadDelay = TimeSpan.Zero;
        });
        OptionsValidationException? e = Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync());
        foreach (string part in new[] { "BundlePath is empty", "EfSearch is 0; it must be 1 to 1048576", "Verification is 7", "ReloadDelay is 00:00:00" })
            Assert.That(e!.Message, Does.Contain(part));
    }

    [Test]
    public async Task Options_come_from_the_configuration()
    {
        HostApplicationBuilder builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["KernelPolicy:BundlePath"] = _path,
            ["KernelPolicy:EfSearch"] = "77",
            ["KernelPolicy:Verification"] = "Sizes",
            ["KernelPolicy:ReloadOnChange"] = "false",
        });
        builder.Services.AddKernelPolicy(builder.Configuration.GetSection("KernelPolicy"));
        using IHost host = builder.Build();
        await host.StartAsync();
        KernelPolicyOptions options = host.Services.GetRequiredService<IOptions<KernelPolicyOptions>>().Value;
        Assert.That((options.EfSearch, options.Verification, options.ReloadOnChange), Is.EqualTo(((int?)77, BundleVerification.Sizes, false)));
        Assert.That(FirstId(host.Services.GetRequiredService<RecommenderHost>()), Is.EqualTo("a0"));
        await host.StopAsync();
    }

    private IHost Host(Action<KernelPolicyOptions>? configure = null)
    {
        HostApplicationBuilder builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddLogging();
        builder.Services.AddKernelPolicy(options =>
        {
            options.BundlePath = _path;
            options.ReloadDelay = Delay;
            configure?.Invoke(options);
        });
        builder.Services.AddHealthChecks().AddKernelPolicy();
        return builder.Build();
    }

    private static string FirstId(RecommenderHost host)
    {
        using RecommenderLease lease = host.Acquire();
        return lease.Recommender.IdOf(0);
    }

    private static Task<HealthReport> Health(IHost host) => host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync();

    private static async Task Until(Func<bool> isSo)
    {
        for (DateTime end = DateTime.UtcNow.AddSeconds(60); !isSo() && DateTime.UtcNow < end;)
            await Task.Delay(Delay);
        Assert.That(isSo(), Is.True, "within a minute");
    }
}
