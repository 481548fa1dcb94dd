namespace KernelPolicy.Distributed;

/// <summary>A part of the items, here or on another machine, that is asked and answers when it can.</summary>
/// <remarks>Thread safety: any number of threads may start calls at once.</remarks>
public interface IShard : IDisposable
{
    /// <summary>Which part it is.</summary>
    ShardPlace Place { get; }

    /// <summary>Hands a question over, and returns without waiting for its answer: whoever has the answer ends the call
    /// (<see cref="ShardCall.Complete"/>, <see cref="ShardCall.Fail"/>), once, from any thread, or from within this method. Throws
    /// nothing.</summary>
    void Start(ShardCall question);
}

/// <summary>What a shard is asked.</summary>
public enum ShardOperation
{
    /// <summary>The best items in a context.</summary>
    Search,

    /// <summary>The sum of β over items.</summary>
    Sum,

    /// <summary>The numbers of items, by their ids.</summary>
    Find,

    /// <summary>The ids of items, by their numbers.</summary>
    Names,
}

/// <summary>Told when a call has ended.</summary>
internal interface IShardCaller
{
    /// <summary>A call of this caller has ended.</summary>
    void Ended(ShardCall call);
}
