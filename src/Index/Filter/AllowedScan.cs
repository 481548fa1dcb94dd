using System.Numerics;
using System.Numerics.Tensors;
using KernelPolicy.Kernels;

namespace KernelPolicy.Index;

/// <summary>
/// The exact answer to one query among the allowed items: each is scored, and the best K are kept. Where few are allowed
/// nothing is cheaper; where a walk finds too few of them nothing else is certain.
/// </summary>
/// <remarks>Memory of one search at a time; allocates only for a larger K than any before.</remarks>
internal sealed unsafe class AllowedScan
{
    private const int AtOnce = 256;

    private readonly int[] _block = new int[AtOnce];
    private readonly float[] _scores = new float[AtOnce];
    private ulong[] _keys = [];

    /// <summary>Finds the best of the allowed items, best first (<see cref="ScoredItem"/>): K, or all where fewer are
    /// allowed.</summary>
    /// <param name="scorer">Scores items.</param>
    /// <param name="query">h, padded with zeros [stride].</param>
    /// <param name="allowed">The items to look at.</param>
    /// <param name="k">K, at least 1.</param>
    public Span<ulong> Find<TScores>(TScores scorer, float* query, in AllowedItems allowed, int k)
        where TScores : IItemScores
    {
        k = Math.Min(k, allowed.Count);
        int room = checked((2 * k) + AtOnce);
        if (_keys.Length < room)
            _keys = new ulong[room];
        int count = 0, waiting = 0;
        ulong threshold = 0;
        for (int word = 0; word < allowed.Words; word++)
        {
            for (ulong bits = allowed.Word(word); bits != 0; bits &= bits - 1)
                _block[waiting++] = (word * ItemFilter.WordBits) + BitOperations.TrailingZeroCount(bits);
            if (waiting > AtOnce - ItemFilter.WordBits)
            {
                Offer(scorer, query, k, waiting, ref count, ref threshold);
                waiting = 0;
            }
        }

        Offer(scorer, query, k, waiting, ref count, ref threshold);
        Span<ulong> keys = _keys.AsSpan(0, count);
        if (count > k)
        {
            ScoredItem.SelectLargest(keys, k);
            keys = keys[..k];
        }

        keys.Sort();
        keys.Reverse();
        return keys;
    }

    private void Offer<TScores>(TScores scorer, float* query, int k, int waiting, ref int count, ref ulong threshold)
        where TScores : IItemScores
    {
        scorer.Gather(query, _block.AsSpan(0, waiting), _scores);
        for (int i = 0; i < waiting; i++)
        {
            ulong key = ScoredItem.Key(_scores[i], _block[i]);
            _keys[count] = key;
            count += key > threshold ? 1 : 0;
        }

        if (count <= _keys.Length - AtOnce)
            return;
        ScoredItem.SelectLargest(_keys.AsSpan(0, count), k);
        count = k;
        threshold = TensorPrimitives.Min<ulong>(_keys.AsSpan(0, k));
    }
}
