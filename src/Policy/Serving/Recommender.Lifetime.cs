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
            _lifetime.Close();
    }

    /// <summary>Whether it has been disposed of; requests may still run.</summary>
    internal bool IsDisposed => Volatile.Read(ref _disposed) != 0;

    /// <summary>Watches its recall; none where null.</summary>
    internal RecallMonitor? Monitor => _monitor;

    /// <summary>Begins a use, unless it is disposed and the last has left; the end of the last one after <see cref="Dispose"/> frees the
    /// memory.</summary>
    internal bool TryEnter(out SharedUse use) => _lifetime.TryUse(out use);

    /// <summary>Items and graph as they are now; for whoever has entered. To be disposed.</summary>
    internal LiveSnapshot Snapshot() => _index.Acquire();

    private SharedUse Enter()
    {
        ObjectDisposedException.ThrowIf(!TryEnter(out SharedUse use), this);
        return use;
    }

    /// <summary>What one request holds from its start to its end: the items and graph as they are, and memory.</summary>
    private readonly ref struct Request
    {
        private readonly Recommender _recommender;
        private readonly SharedUse _use;
        private readonly SharedUse _stateUse;

        public Request(Recommender recommender)
        {
            _recommender = recommender;
            _use = recommender.Enter();
            State = recommender._index.Enter(out _stateUse);
            Scratch = recommender._scratch.Rent();
        }

        public LiveState State { get; }

        public RecommenderScratch Scratch { get; }

        public void Dispose()
        {
            _recommender._scratch.Return(Scratch);
            _stateUse.Dispose();
            _use.Dispose();
        }
    }

    private sealed class Lifetime(IReadOnlyList<IDisposable> owned) : Shared
    {
        protected override void Free()
        {
            foreach (IDisposable one in owned)
                one.Dispose();
        }
    }
}
