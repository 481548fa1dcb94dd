using KernelPolicy.Hosting;
using KernelPolicy.Kernels;
using KernelPolicy.Policy;
using KernelPolicy.Tests.Serving;
using KernelPolicy.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using NUnit.Framework;

namespace KernelPolicy.Tests.Hosting;

/// <summary>What is served after a new file, and what a reload leaves where it fails or is cut off.</summary>
public sealed class HostedReloadTests : HostingFixture
{
    /// <summary>The same number of items of the same lengths, so a file of the same length, whose time is set to the old one's.</summary>
    [Test]
    public async Task A_file_of_equal_size_and_time_is_seen()
    {
        using ServingCase twin = new(items: 60, idPrefix: "z");
        FileInfo old = new(BundlePath);
        DateTime time = old.LastWriteTimeUtc;
        long length = old.Length;
        using IHost host = Host();
        await host.StartAsync();
        string beside = Path.Combine(Folder, "beside");
        ServingBundle.Save(beside, twin.Policy, twin.Index);
        File.SetLastWriteTimeUtc(beside, time);
        File.Move(beside, BundlePath, true);
        FileInfo now = new(BundlePath);
        Assert.That((now.Length, now.LastWriteTimeUtc), Is.EqualTo((length, time)));
        await Until(() => Served(host).Version == 1);
        Assert.That(FirstId(Served(host)), Is.EqualTo("z0"));
        await host.StopAsync();
    }

    [Test]
    public void A_stamp_is_that_of_the_content()
    {
        FileStamp stamp = FileStamp.Of(BundlePath);
        Assert.That(FileStamp.Of(BundlePath), Is.EqualTo(stamp));
        Assert.That((stamp.Exists, stamp.Length, stamp.Head != 0), Is.EqualTo((true, new FileInfo(BundlePath).Length, true)));
        Assert.That(FileStamp.Of(Path.Combine(Folder, "none")), Is.EqualTo(default(FileStamp)));
        string empty = Path.Combine(Folder, "empty");
        File.WriteAllBytes(empty, []);
        Assert.That((FileStamp.Of(empty).Exists, FileStamp.Of(empty).Length), Is.EqualTo((true, 0L)));
    }

    [Test]
    public async Task A_banned_item_does_not_come_back_with_a_new_file()
    {
        using IHost host = Host();
        await host.StartAsync();
        Assert.That(Served(host).Ban("a3", "b5"), Is.EqualTo(1));
        SaveSecond();
        await Until(() => Served(host).Version == 1);
        Assert.That((await Health(host)).Data["available"], Is.EqualTo(69));
        await host.StopAsync();
    }

    /// <summary>The option's action adds an item to each recommender before it serves, one of which is banned by then.</summary>
    [Test]
    public async Task What_is_added_as_each_bundle_opens_is_there_with_all()
    {
        using Matrix vectors = Seeded.Matrix(9, 2, First.Dimension);
        using IHost host = Host(options => options.OnOpened = recommender => recommender.Add(["new", "newer"], vectors, First.Team));
        await host.StartAsync();
        Assert.That((Numbered("new"), Numbered("newer")), Is.EqualTo((60, 61)));
        Assert.That(Served(host).Ban("newer"), Is.EqualTo(1));
        SaveSecond();
        await Until(() => Served(host).Version == 1);
        Assert.That((Numbered("new"), Numbered("newer")), Is.EqualTo((70, 71)));
        Assert.That(((await Health(host)).Data["items"], (await Health(host)).Data["available"]), Is.EqualTo((72, 71)));
        await host.StopAsync();

        int Numbered(string id)
        {
            using RecommenderLease lease = Served(host).Acquire();
            return lease.Recommender.TryFind(id, out int item) ? item : -1;
        }
    }

    [Test]
    public async Task Where_OnOpened_throws_the_old_one_goes_on()
    {
        Recommender? refused = null;
        bool throws = true;
        Action<Recommender> opened = recommender =>
        {
            refused = recommender;
            if (throws)
                throw new NotSupportedException("not this one");
        };
        using (IHost none = Host(options => options.OnOpened = opened))
            Assert.That(() => none.StartAsync(), Throws.InstanceOf<NotSupportedException>());
        Assert.That(() => refused!.IdOf(0), Throws.InstanceOf<ObjectDisposedException>());
        throws = false;
        using IHost host = Host(options => options.OnOpened = opened);
        await host.StartAsync();
        throws = true;
        SaveSecond();
        await UntilHealth(host, HealthStatus.Degraded);
        Assert.That((await Health(host)).Description, Is.EqualTo("An older bundle is served: not this one"));
        Assert.That(FirstId(Served(host)), Is.EqualTo("a0"));
        Assert.That(() => refused!.IdOf(0), Throws.InstanceOf<ObjectDisposedException>());
        throws = false;
        ServingBundle.Save(BundlePath, First.Policy, First.Index);
        await UntilHealth(host, HealthStatus.Healthy);
        await host.StopAsync();
    }

    /// <summary>It fails three times with two different words: both are reported once.</summary>
    [Test]
    public async Task What_may_pass_is_tried_again_and_reported_once()
    {
        int opened = 0;
        KeptFaults log = new();
        using IHost host = Host(
            options => options.OnOpened = _ =>
            {
                if (++opened is 2 or 3 or 4)
                    throw new IOException(opened == 4 ? "out of handles" : "out of reach");
            },
            services => services.AddSingleton<ILoggerProvider>(log));
        await host.StartAsync();
        SaveSecond();
        await Until(() => Served(host).Version == 1);
        Assert.That((opened, FirstId(Served(host))), Is.EqualTo((5, "b0")));
        await UntilHealth(host, HealthStatus.Healthy);
        await host.StopAsync();
        Assert.That(log.Faults, Is.EqualTo((string[])["out of reach", "out of handles"]));
    }

    /// <summary>The host stops and is disposed, monitor and all, while a bundle is being opened: what has been opened is let go of, and
    /// nothing fails.</summary>
    [Test]
    public async Task A_host_may_end_in_the_middle_of_a_reload([Values] bool inOpening)
    {
        using ManualResetEventSlim isOpening = new(), go = new();
        bool holds = false;
        Recommender? next = null;
        IHost host = Host(options =>
        {
            options.Recall = new RecallMonitorOptions { Every = 1 };
            options.OnOpened = recommender =>
            {
                if (!holds)
                    return;
                next = recommender;
                isOpening.Set();
                go.Wait(TimeSpan.FromMinutes(1));
                if (inOpening)
                    throw new IOException("gone");
            };
        });
        await host.StartAsync();
        Task running = host.Services.GetServices<IHostedService>().OfType<BackgroundService>().Single().ExecuteTask!;
        RecommenderHost served = Served(host);
        holds = true;
        SaveSecond();
        Assert.That(isOpening.Wait(TimeSpan.FromMinutes(1)), Is.True);

        // No time to wait for it.
        await host.StopAsync(new CancellationToken(true));
        host.Dispose();
        Assert.That(() => FirstId(served), Throws.InstanceOf<ObjectDisposedException>());
        Assert.That(next!.IdOf(0), Is.EqualTo("b0"), "the reload has it still");
        go.Set();
        Assert.That(() => running.IsCompleted, Is.True.After(20_000, 10));
        Assert.That(running.IsFaulted, Is.False, $"{running.Exception}");
        Assert.That(() => next.IdOf(0), Throws.InstanceOf<ObjectDisposedException>());
    }

    private sealed class KeptFaults : ILoggerProvider, ILogger
    {
        public List<string> Faults { get; } = [];

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel == LogLevel.Error;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
                Faults.Add(exception!.Message);
        }

        public void Dispose()
        {
        }
    }
}
