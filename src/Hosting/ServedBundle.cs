using KernelPolicy.Policy;
using Microsoft.Extensions.Options;

namespace KernelPolicy.Hosting;

/// <summary>What serves by the bundle that the options name, opened at first use.</summary>
/// <remarks>Thread safety: members may be called from any thread; those that need the bundle wait for its opening.</remarks>
internal sealed class ServedBundle(IOptions<KernelPolicyOptions> options, RecallWatch recall) : IDisposable
{
    private readonly Lock _opening = new();
    private RecommenderHost? _host;
    private bool _isDisposed;

    /// <summary>What serves; it opens the bundle where nobody has.</summary>
    public RecommenderHost Host
    {
        get
        {
            lock (_opening)
            {
                ObjectDisposedException.ThrowIf(_isDisposed, this);
                if (_host is null)
                {
                    // Before it is opened: a file that replaces it meanwhile is told from it.
                    FirstStamp = FileStamp.Of(options.Value.BundlePath);
                    Volatile.Write(ref _host, new RecommenderHost(OpenRecommender()));
                }

                return _host;
            }
        }
    }

    /// <summary>What serves, null where no bundle has been opened yet; waits for nothing.</summary>
    public RecommenderHost? HostIfOpen => Volatile.Read(ref _host);

    /// <summary>The file that was opened first, once it is open.</summary>
    public FileStamp FirstStamp { get; private set; }

    /// <summary>Opens the bundle as it is now.</summary>
    public Recommender OpenRecommender()
    {
        KernelPolicyOptions how = options.Value;
        Recommender recommender = Recommender.Open(
            how.BundlePath, new RecommenderOptions { EfSearch = how.EfSearch, Verification = how.Verification, Monitor = recall.Monitor });
        try
        {
            how.OnOpened?.Invoke(recommender);
            return recommender;
        }
        catch
        {
            recommender.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_opening)
        {
            _isDisposed = true;
            _host?.Dispose();
        }
    }
}
