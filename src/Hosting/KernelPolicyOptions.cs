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
}
