using KernelPolicy.Policy;

namespace KernelPolicy.Distributed;

/// <summary>A shard in this process: a recommender of its items, and threads of its own that ask it.</summary>
/// <remarks>
/// <para>Thread safety: any number of threads may start calls at once. Each is answered in its turn by the thread that is free first; one that
/// nobody waits for any more is passed over. Allocates nothing once warm, but where ids are asked for.</para>
/// <para>Items may be banned and removed in <see cref="Recommender"/>, by the shard's own numbers. None may be added: their numbers are
/// those of the next shard.</para>
/// </remarks>
public sealed class LocalShard : IShard
{
    /// <summary>Most calls that wait; those beyond fail at once, and leave the shard out of their answers.</summary>
    public const int MostWaiting = 1024;

    private readonly Queue<ShardCall> _waiting = new(MostWaiting);
    private readonly Thread[] _threads;
    private readonly bool _ownsRecommender;
    private bool _isDisposed;

    /// <summary>A shard over a recommender of a shard's bundle, or of a bundle of all items as the only shard.</summary>
    /// <param name="recommender">The recommender.</param>
    /// <param name="threads">Threads that answer; as many as there are processors where 0.</param>
    /// <param name="ownsRecommender">Whether it is disposed with the shard.</param>
    /// <exception cref="ArgumentOutOfRangeException">The number of threads is out of 0 to 1024.</exception>
    /// <exception cref="InvalidDataException">The facts of its bundle do not fit together.</exception>
    public LocalShard(Recommender recommender, int threads = 0, bool ownsRecommender = true)
    {
        ArgumentNullException.ThrowIfNull(recommender);
        if (threads is < 0 or > 1024)
            throw new ArgumentOutOfRangeException(nameof(threads), threads, "Threads must be 0 to 1024.");
        Place = ShardPlace.Of(recommender.Facts, recommender.ItemCount, recommender.Dimension);
        Recommender = recommender;
        _ownsRecommender = ownsRecommender;
        _threads = new Thread[threads == 0 ? Environment.ProcessorCount : threads];
        for (int i = 0; i < _threads.Length; i++)
        {
            _threads[i] = new Thread(Work) { Name = $"shard {Place.Shard} of {Place.Shards}", IsBackground = true };
            _threads[i].Start();
        }
    }

    /// <inheritdoc/>
    public ShardPlace Place { get; }

    /// <summary>What answers.</summary>
    public Recommender Recommender { get; }

    /// <summary>Opens a bundle as a shard.</summary>
    /// <param name="path">The file.</param>
    /// <param name="threads">Threads that answer; as many as there are processors where 0.</param>
    /// <param name="options">How it searches; the defaults where null.</param>
    /// <exception cref="InvalidDataException">It is damaged, or no bundle, or its facts do not fit together.</exception>
    public static LocalShard Open(string path, int threads = 0, RecommenderOptions? options = null)
    {
        Recommender recommender = Recommender.Open(path, options);
        try
        {
            return new LocalShard(recommender, threads);
        }
        catch (InvalidDataException e)
        {
            recommender.Dispose();
            throw new InvalidDataException($"{path}: {e.Message}", e);
        }
        catch
        {
            recommender.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Start(ShardCall question)
    {
        ArgumentNullException.ThrowIfNull(question);
        lock (_waiting)
        {
            if (!_isDisposed && _waiting.Count < MostWaiting)
            {
                _waiting.Enqueue(question);
                Monitor.Pulse(_waiting);
                return;
            }
        }

        question.Fail(_isDisposed
            ? new ObjectDisposedException(nameof(LocalShard))
            : new IOException($"The shard is {MostWaiting} calls behind."));
    }

    /// <summary>Ends the threads once they have answered what they are at; calls that wait fail. Calling it again does nothing.</summary>
    public void Dispose()
    {
        lock (_waiting)
        {
            if (_isDisposed)
                return;
            _isDisposed = true;
            Monitor.PulseAll(_waiting);
        }

        foreach (Thread thread in _threads)
            thread.Join();
        while (_waiting.TryDequeue(out ShardCall? call))
            call.Fail(new ObjectDisposedException(nameof(LocalShard)));
        if (_ownsRecommender)
            Recommender.Dispose();
    }

    private void Work()
    {
        while (Next() is { } call)
        {
            if (call.IsWanted)
                Answer(call);
            else
                call.FailAsTooLate();
        }
    }

    private ShardCall? Next()
    {
        lock (_waiting)
        {
            while (!_isDisposed)
            {
                if (_waiting.TryDequeue(out ShardCall? call))
                    return call;
                Monitor.Wait(_waiting);
            }
        }

        return null;
    }

    private void Answer(ShardCall call)
    {
        int found;
        try
        {
            if (Recommender.ItemCount != Place.Count)
                throw new InvalidOperationException($"The shard had {Place.Count} items and has {Recommender.ItemCount}: none may be added to a shard.");
            found = Find(call);
        }
        catch (Exception e)
        {
            // Whatever it is, somebody waits: it is for the asker to see.
            call.Fail(e);
            return;
        }

        call.Complete(found);
    }

    private int Find(ShardCall call)
    {
        switch (call.Operation)
        {
            case ShardOperation.Search:
                return Recommender.Recommend(call.Context, call.FoundItems, call.FoundScores, new RecommendationScope { Excluded = call.Items });
            case ShardOperation.Sum:
                Recommender.SumItems(call.Items, call.Context);
                return 0;
            case ShardOperation.Find:
                for (int i = 0; i < call.Ids.Length; i++)
                    call.FoundItems[i] = call.Ids[i] is { } id && Recommender.TryFind(id, out int item) ? item : -1;
                return 0;
            case ShardOperation.Names:
                for (int i = 0; i < call.Items.Length; i++)
                    call.Ids[i] = Recommender.IdOf(call.Items[i]);
                return 0;
            default:
                throw new NotSupportedException($"There is no operation {call.Operation}.");
        }
    }
}
