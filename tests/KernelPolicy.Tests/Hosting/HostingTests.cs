using KernelPolicy.Hosting;
using KernelPolicy.Policy;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using NUnit.Framework;

namespace KernelPolicy.Tests.Hosting;

/// <summary>A recommender in a .NET host: start, reload, health, end.</summary>
public sealed class HostingTests : HostingFixture
{
    [Test]
    public async Task A_new_file_is_served_without_a_restart()
    {
        using IHost host = Host();
        await host.StartAsync();
        RecommenderHost served = Served(host);
        Assert.That(FirstId(served), Is.EqualTo("a0"));
        SaveSecond();
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
        RecommenderHost served = Served(host);
        string broken = Path.Combine(Folder, "broken");
        await File.WriteAllBytesAsync(broken, new byte[5000]);
        File.Move(broken, BundlePath, true);
        await UntilHealth(host, HealthStatus.Degraded);
        Assert.That((await Health(host)).Description, Does.Contain("model.kpolicy"));
        Assert.That((FirstId(served), served.Version), Is.EqualTo(("a0", 0L)));

        SaveSecond();
        await Until(() => served.Version == 1);
        Assert.That(FirstId(served), Is.EqualTo("b0"));
        await UntilHealth(host, HealthStatus.Healthy);
        await host.StopAsync();
    }

    [Test]
    public void A_host_without_a_bundle_does_not_start()
    {
        using (IHost none = Host(options => options.BundlePath = Path.Combine(Folder, "none.kpolicy")))
            Assert.That(() => none.StartAsync(), Throws.InstanceOf<FileNotFoundException>());
        File.WriteAllText(BundlePath, "not a bundle, but long enough to have a header of one, which is some tens of bytes");
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
            ["KernelPolicy:BundlePath"] = BundlePath,
            ["KernelPolicy:EfSearch"] = "77",
            ["KernelPolicy:Verification"] = "Sizes",
            ["KernelPolicy:ReloadOnChange"] = "false",
        });
        builder.Services.AddKernelPolicy(builder.Configuration.GetSection("KernelPolicy"));
        using IHost host = builder.Build();
        await host.StartAsync();
        KernelPolicyOptions options = host.Services.GetRequiredService<IOptions<KernelPolicyOptions>>().Value;
        Assert.That((options.EfSearch, options.Verification, options.ReloadOnChange), Is.EqualTo(((int?)77, BundleVerification.Sizes, false)));
        Assert.That(FirstId(Served(host)), Is.EqualTo("a0"));
        await host.StopAsync();
    }
}
