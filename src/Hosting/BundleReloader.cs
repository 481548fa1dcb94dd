using KernelPolicy.Policy;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace KernelPolicy.Hosting;

/// <summary>
/// Opens the bundle while the host starts, looks at its file from time to time, and serves a new one once it has stayed the same for
/// as long.
/// </summary>
/// <remarks>By size, time and head of the file, which any file system tells; a file that is moved into place is complete at once. While
/// one cannot be served, the old one goes on. A damaged one is not tried again; where anything else failed, as memory or the caller's own
/// action, which may be better by then, it is tried again after ten times the delay. The same failure is reported once.</remarks>
internal sealed partial class BundleReloader(
    ServedBundle bundle, IOptions<KernelPolicyOptions> options, ILogger<BundleReloader> logger) : BackgroundService
{
    private const int TicksToRetry = 10;

    private readonly KernelPolicyOptions _options = options.Value;
    private FileStamp _served;
    private int _untilRetry;
    private volatile string? _fault;

    /// <summary>Why the newest file is not served; null where it is.</summary>
    public string? Fault => _fault;

    /// <inheritdoc/>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        // On another thread: a host that starts its services concurrently answers meanwhile that it is not ready.
        await Task.Run(() => bundle.Host, cancellationToken).ConfigureAwait(false);
        _served = bundle.FirstStamp;
        LogServing(_options.BundlePath);
        await base.StartAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!_options.ReloadOnChange)
            return;
        using PeriodicTimer timer = new(_options.ReloadDelay);
        FileStamp before = _served;
        while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false))
        {
            FileStamp now = FileStamp.Of(_options.BundlePath);
            bool isDue = now != _served || (_untilRetry > 0 && --_untilRetry == 0);
            if (isDue && now == before && now.Exists)
                Reload(now, stoppingToken);
            before = now;
        }
    }

    private void Reload(FileStamp stamp, CancellationToken stopping)
    {
        (_served, _untilRetry) = (stamp, 0);
        Recommender? next = null;
        try
        {
            next = bundle.OpenRecommender();
            bundle.Host.Replace(next);
            next = null;
            _fault = null;
            LogReplaced(_options.BundlePath);
        }
        catch (Exception) when (stopping.IsCancellationRequested)
        {
            // The host, its monitor or its log may be gone by now.
        }
        catch (Exception e)
        {
            // Of whatever kind: the caller's own OnOpened may throw anything, and that must not end a service.
            if (_fault != e.Message)
                LogRefused(e, _options.BundlePath);
            _fault = e.Message;
            _untilRetry = e is InvalidDataException ? 0 : TicksToRetry;
        }
        finally
        {
            next?.Dispose();
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Serving {Path}.")]
    private partial void LogServing(string path);

    [LoggerMessage(Level = LogLevel.Information, Message = "A new {Path} is served.")]
    private partial void LogReplaced(string path);

    [LoggerMessage(Level = LogLevel.Error, Message = "The new {Path} cannot be served; the old one is.")]
    private partial void LogRefused(Exception exception, string path);
}
