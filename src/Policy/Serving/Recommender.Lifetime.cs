using KernelPolicy.Index;

namespace KernelPolicy.Policy;

/// <content>Who uses it, and when its memory goes.</content>
public sealed partial class Recommender
{
    private int _disposed;

    /// <summary>Lets requests that run end; the last of them frees the memory. Calling it again does nothing.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
            _lifetime.Release();
    }

    /// <summary>Whether it has been disposed of; requests may still run.</summary>
    internal bool IsDisposed => Volatile.Read(ref _disposed) != 0;

    /// <summary>Watches its recall; none where null.</summary>
    internal RecallMonitor? Monitor => _monitor;

    /// <summary>Counts one user more, unless it is disposed and the last has left.</summary>
    internal bool TryEnter() => _lifetime.TryAcquire();

    /// <summary>Counts one user less; the last one after <see cref="Dispose"/> frees the memory.</summary>
    internal void Leave() => _lifetime.Release();

    /// <summary>Items and graph as they are now; for whoever has entered. To be disposed.</summary>
    internal LiveSnapshot Snapshot() => _index.Acquire();

    private void Enter() => ObjectDisposedException.ThrowIf(!TryEnter(), this);

    /// <summary>What one request holds from its start to its end: the items and graph as they are, and memory.</summary>
    private readonly ref struct Request
    {
        private readonly Recommender _recommender;

        public Request(Recommender recommender)
        {
            _recommender = recommender;
            recommender.Enter();
            State = recommender._index.Enter();
            Scratch = recommender._scratch.Rent();
        }

        public LiveState State { get; }

        public RecommenderScratch Scratch { get; }

        public void Dispose()
        {
            _recommender._scratch.Return(Scratch);
            State.Release();
            _recommender.Leave();
        }
    }

    private sealed class Lifetime(IReadOnlyList<IDisposable> owned) : Counted
    {
        protected override void Free()
        {
            foreach (IDisposable one in owned)
                one.Dispose();
        }
    }
}
