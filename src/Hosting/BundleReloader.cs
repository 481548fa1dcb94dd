using KernelPolicy.Policy;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace KernelPolicy.Hosting;

/// <summary>
/// Looks at the bundle's file from time to time, and serves a new one once it has stayed the same for as long.
/// </summary>
/// <remarks>By size and time of the file, which any file system tells; a file that is moved into place is complete at once. One that
/// cannot be opened is reported once, and the old one goes on.</remarks>
internal sealed partial class BundleReloader(
    OpenedBundle opened, IOptions<KernelPolicyOptions> options, ILogger<BundleReloader> logger) : BackgroundService
{
    private readonly KernelPolicyOptions _options = options.Value;
    private readonly RecommenderHost _host = opened.Host;
    private FileStamp _served = opened.Stamp;
    private volatile string? _fault;

    /// <summary>Why the newest file is not served; null where it is.</summary>
    public string? Fault => _fault;

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        LogServing(_options.BundlePath);
        if (!_options.ReloadOnChange)
            return;
        using PeriodicTimer timer = new(_options.ReloadDelay);
        FileStamp before = _served;
        while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false))
        {
            FileStamp now = FileStamp.Of(_options.BundlePath);
            if (now == before && now != _served && now.Exists)
                Reload(now);
            before = now;
        }
    }

    private void Reload(FileStamp stamp)
    {
        // Whatever comes of it, this file is not tried again.
        _served = stamp;
        Recommender next;
        try
        {
            next = OpenedBundle.OpenRecommender(_options);
        }
        catch (Exception e) when (e is IOException or InvalidDataException or UnauthorizedAccessException or ArgumentException or OutOfMemoryException)
        {
            _fault = e.Message;
            LogRefused(e, _options.BundlePath);
            return;
        }

        try
        {
            _host.Replace(next);
        }
        catch (ObjectDisposedException)
        {
            // The host is stopping.
            next.Dispose();
            return;
        }

        _fault = null;
        LogReplaced(_options.BundlePath);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Serving {Path}.")]
    private partial void LogServing(string path);

    [LoggerMessage(Level = LogLevel.Information, Message = "A new {Path} is served.")]
    private partial void LogReplaced(string path);

    [LoggerMessage(Level = LogLevel.Error, Message = "The new {Path} cannot be opened; the old one is served.")]
    private partial void LogRefused(Exception exception, string path);
}
