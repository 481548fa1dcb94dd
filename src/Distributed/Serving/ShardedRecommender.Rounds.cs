using System.Diagnostics;
using System.Runtime.ExceptionServices;
using KernelPolicy.Policy;

namespace KernelPolicy.Distributed;

/// <content>Ids, rounds of questions, and the checks of what is asked.</content>
public sealed partial class ShardedRecommender
{
    /// <summary>Finds items by their ids, in all shards: so many that they do not fit into one question are asked for one part after another,
    /// by the same deadline.</summary>
    /// <param name="ids">The ids.</param>
    /// <param name="items">Receives their numbers among all [as many]; −1 for those that no shard which has answered knows.</param>
    /// <param name="deadline">That of the options where null.</param>
    /// <returns>Shards that have not answered: bit s for shard s.</returns>
    /// <exception cref="ArgumentException">An id is null, there is no room, or the deadline is out of its range.</exception>
    public ulong Find(IReadOnlyList<string> ids, Span<int> items, TimeSpan? deadline = null)
    {
        ArgumentNullException.ThrowIfNull(ids);
        long end = DeadlineOf(new ShardedScope { Deadline = deadline });
        string?[] asked = [.. ids];
        if (Array.IndexOf(asked, null) is >= 0 and int none)
            throw new ArgumentException($"Id {none} of {asked.Length} is null.", nameof(ids));
        if (items.Length < asked.Length)
            throw new ArgumentException($"There is room for {items.Length} numbers of {asked.Length} ids.", nameof(items));
        items[..asked.Length].Fill(-1);
        ulong missing = 0;
        for (int first = 0, count; first < asked.Length; first += count)
        {
            count = CountTogether(asked.AsSpan(first));
            missing |= FindTogether(asked[first..(first + count)], items.Slice(first, count), end);
        }

        return missing;
    }

    /// <summary>How many of the ids go into one question to another machine.</summary>
    private static int CountTogether(ReadOnlySpan<string?> ids)
    {
        int bytes = 64, count = 0;
        while (count < ids.Length && count < ShardProtocol.MostListed)
        {
            // No character has more than 3 bytes in UTF-8, and an id that is too long is not sent.
            bytes += sizeof(int) + Math.Min(3 * Math.Min(ids[count]!.Length, ItemIdTable.LongestId), ItemIdTable.LongestId);
            if (bytes > ShardProtocol.MostQuestionBytes)
                break;
            count++;
        }

        return count;
    }

    private ulong FindTogether(string?[] asked, Span<int> items, long end)
    {
        ShardGather gather = RentGather();
        gather.Begin();
        for (int shard = 0; shard < _shards.Length; shard++)
            gather.Ask(shard, ShardOperation.Find, asked.Length, end).SetIds(asked);
        Run(gather, end);
        for (int shard = 0; shard < _shards.Length; shard++)
        {
            if (gather.Answer(shard) is not { } answer)
                continue;
            for (int i = 0; i < asked.Length; i++)
            {
                if (answer.FoundItems[i] >= 0)
                    items[i] = answer.FoundItems[i] + _shards[shard].Place.First;
            }
        }

        ulong missing = gather.Missing;
        Return(gather);
        return missing;
    }

    /// <summary>The ids of items, from the shards that hold them.</summary>
    /// <param name="items">Items by their numbers among all.</param>
    /// <param name="deadline">That of the options where null.</param>
    /// <returns>Their ids [as many], in the order asked; null where the shard has not answered.</returns>
    /// <exception cref="ArgumentException">An item is none of the catalogue's, or the deadline is out of its range.</exception>
    public IReadOnlyList<string?> IdsOf(ReadOnlySpan<int> items, TimeSpan? deadline = null)
    {
        long end = DeadlineOf(new ShardedScope { Deadline = deadline });
        CheckItems(items, "asked for", nameof(items));
        string?[] ids = new string?[items.Length];
        ShardGather gather = RentGather();
        gather.Begin();
        foreach (int item in items)
        {
            int shard = ShardOf(item);
            gather.Ask(shard, ShardOperation.Names, 0, end).Add(item - _shards[shard].Place.First);
        }

        // An array for each: a late shard must not write into this one.
        for (int shard = 0; shard < _shards.Length; shard++)
        {
            if (gather.IsAsked(shard))
            {
                ShardCall call = gather.Ask(shard, ShardOperation.Names, 0, end);
                call.SetIds(new string?[call.Items.Length]);
            }
        }

        Run(gather, end);
        Array.Clear(gather.Heads);
        for (int i = 0; i < items.Length; i++)
        {
            int shard = ShardOf(items[i]), at = gather.Heads[shard]++;
            ids[i] = gather.Answer(shard)?.Ids[at];
        }

        Return(gather);
        return ids;
    }

    /// <summary>Makes a round.</summary>
    /// <exception cref="ArgumentException">A shard says that the question is wrong.</exception>
    private void Run(ShardGather gather, long deadline)
    {
        gather.Run(_shards, deadline);
        if (gather.Missing == 0)
            return;
        Exception? mistake = null;
        for (int shard = 0; shard < _shards.Length; shard++)
        {
            if (((gather.Missing >> shard) & 1) == 0)
                continue;
            Exception? failure = gather.Failure(shard);
            Volatile.Write(ref _failures[shard], failure);
            mistake ??= failure as ArgumentException;
        }

        if (mistake is null)
            return;
        Return(gather);
        ExceptionDispatchInfo.Throw(mistake);
    }

    private ShardGather RentGather() =>
        _gathers.TryDequeue(out ShardGather? gather) ? gather : new ShardGather(_shards.Length, _calls, Dimension);

    private void Return(ShardGather gather)
    {
        gather.Release();
        _gathers.Enqueue(gather);
    }

    private int ShardOf(int item)
    {
        int shard = (int)((long)item * _shards.Length / ItemCount);
        while (item < _shards[shard].Place.First)
            shard--;
        while (item >= _shards[shard].Place.First + _shards[shard].Place.Count)
            shard++;
        return shard;
    }

    private long DeadlineOf(ShardedScope scope)
    {
        TimeSpan deadline = scope.Deadline ?? _options.Deadline;
        CheckDeadline(deadline, nameof(scope));
        return Stopwatch.GetTimestamp() + (long)(deadline.TotalSeconds * Stopwatch.Frequency);
    }

    private static void CheckDeadline(TimeSpan deadline, string name)
    {
        if (deadline <= TimeSpan.Zero || deadline > ShardedRecommenderOptions.LongestDeadline)
            throw new ArgumentOutOfRangeException(name, deadline, $"The deadline must be more than 0, up to {ShardedRecommenderOptions.LongestDeadline}.");
    }

    private void CheckItems(ReadOnlySpan<int> items, string what, string name)
    {
        foreach (int item in items)
        {
            if ((uint)item >= (uint)ItemCount)
                throw new ArgumentException($"Item {item} is {what}; items are 0 to {ItemCount - 1}.", name);
        }
    }

    private void CheckRoom(Span<int> items, Span<float> scores)
    {
        if (items.Length < 1 || items.Length > ItemCount)
            throw new ArgumentException($"There is room for {items.Length} items; it must be for 1 to the {ItemCount} of the catalogue.", nameof(items));
        if (scores.Length < items.Length)
            throw new ArgumentException($"There is room for {items.Length} items but for {scores.Length} scores.", nameof(scores));
    }
}
