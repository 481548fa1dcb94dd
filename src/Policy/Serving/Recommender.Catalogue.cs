using KernelPolicy.Index;
using KernelPolicy.Kernels;

namespace KernelPolicy.Policy;

/// <content>Items that come and go while requests run.</content>
public sealed partial class Recommender
{
    private readonly Lock _additions = new();

    /// <summary>Adds items; requests that start afterwards may be given them. Takes time for a batch, as
    /// <see cref="KernelPolicy.Index.LiveIndex.Add"/> says: add many at once.</summary>
    /// <param name="ids">Their ids [n], none of them known yet.</param>
    /// <param name="vectors">Their β [n, L], every number finite; copied.</param>
    /// <param name="team">Threads to insert with.</param>
    /// <param name="cancellation">Looked at several times a second.</param>
    /// <returns>The number of the first of them; those of the others follow.</returns>
    /// <exception cref="ArgumentException">A shape does not fit, a number is not finite, or an id is known, or banned or removed by
    /// the <see cref="RecommenderHost"/>; nothing has changed.</exception>
    /// <exception cref="InvalidOperationException">The bundle holds <see cref="BundleItems.Codes"/> alone.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled; nothing has changed.</exception>
    /// <exception cref="ObjectDisposedException">The recommender is disposed.</exception>
    public int Add(IReadOnlyList<string> ids, Matrix vectors, WorkerTeam team, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(ids);
        ArgumentNullException.ThrowIfNull(vectors);
        if (ids.Count != vectors.Rows)
            throw new ArgumentException($"There are {ids.Count} ids but {vectors.Rows} vectors.", nameof(ids));
        using SharedUse use = Enter();
        lock (_additions)
        {
            _bans?.Refuse(ids);

            // Named before they can be recommended, found by name only once they are there.
            _ids.Append(ids);
            int first;
            try
            {
                first = _index.AddBanned(vectors, team, cancellation);
            }
            catch
            {
                _ids.TakeBack(ids.Count);
                throw;
            }

            Admit(ids, first);
            return first;
        }
    }

    /// <summary>Takes items out of every request that starts from now on, until <see cref="Unban"/>. The ban ends with this
    /// recommender; one by <see cref="RecommenderHost.Ban"/> holds for those that follow it too.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A number is not that of an item; nothing has changed.</exception>
    public void Ban(params ReadOnlySpan<int> items)
    {
        using SharedUse use = Enter();
        _index.Ban(items);
    }

    /// <summary>Lifts bans, in this recommender those of its <see cref="RecommenderHost"/> too. Removed items stay
    /// removed.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A number is not that of an item; nothing has changed.</exception>
    public void Unban(params ReadOnlySpan<int> items)
    {
        using SharedUse use = Enter();
        _index.Unban(items);
    }

    /// <summary>Takes items out of this recommender for good, as <see cref="RecommenderHost.Remove"/> does of those that follow it
    /// too. Their numbers are not given again, and their ids stay known.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A number is not that of an item; nothing has changed.</exception>
    public void Remove(params ReadOnlySpan<int> items)
    {
        using SharedUse use = Enter();
        _index.Remove(items);
    }
}
