using KernelPolicy.Policy;

namespace KernelPolicy.Hosting;

/// <summary>What a host serves, and how.</summary>
public sealed class KernelPolicyOptions
{
    /// <summary>The .kpolicy bundle to serve; required.</summary>
    public string BundlePath { get; set; } = "";

    /// <summary>efSearch, 1 to 2^20; that of the bundle where null.</summary>
    public int? EfSearch { get; set; }

    /// <summary>How much of a bundle is checked before it serves.</summary>
    public BundleVerification Verification { get; set; } = BundleVerification.Full;

    /// <summary>Whether a new file in the bundle's place is served once it is complete.</summary>
    public bool ReloadOnChange { get; set; } = true;

    /// <summary>How often the file is looked at, and how long it must have stayed the same before it is opened: 10 ms to a
    /// day.</summary>
    public TimeSpan ReloadDelay { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Watches the recall on queries of real requests, and how; not watched where null. The health check is degraded below
    /// the bound. An audit reads all of β, so that it takes memory bandwidth from requests, as much as its largest share says.</summary>
    public RecallMonitorOptions? Recall { get; set; }

    /// <summary>Called with each recommender before it serves, on the thread that opened it: to add items that the bundle lacks, or to
    /// ask something for warmth. Where it throws, the bundle is not served, and tried again a while later. What was banned or removed by
    /// <see cref="RecommenderHost.Ban"/> and <see cref="RecommenderHost.Remove"/> is so after it too.</summary>
    public Action<Recommender>? OnOpened { get; set; }
}
