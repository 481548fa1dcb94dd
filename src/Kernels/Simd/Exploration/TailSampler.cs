using System.Numerics;

namespace KernelPolicy.Kernels;

/// <summary>
/// A uniform sample without replacement from the tail T of a <see cref="CandidateHead"/>, block by block.
/// </summary>
/// <remarks>
/// <para>Two ways, the cheaper of which is taken. By rejection: draws over 0 … P − 1, dropped where they are not in T or came
/// before; about count·P/|T| tries. In order: a walk over the allowed items, each of which is taken with the chance (still wanted) /
/// (still to come), Knuth's algorithm S; about |T| + P/64 steps and no memory, so that the sample may be of any size.</para>
/// <para>Not thread-safe: one a worker; allocates nothing.</para>
/// </remarks>
public sealed class TailSampler
{
    private readonly DistinctItems _drawn;
    private readonly int _capacity;
    private DrawSequence _draws;
    private bool _inOrder;
    private int _wanted;
    private int _left;
    private int _word;
    private ulong _bits;

    /// <summary>Makes room.</summary>
    /// <param name="capacity">The largest sample that is taken by rejection, at least 1; larger ones are taken in order.</param>
    /// <exception cref="ArgumentOutOfRangeException">The capacity is less than 1.</exception>
    public TailSampler(int capacity)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        _capacity = capacity;
        _drawn = new DistinctItems(capacity);
    }

    /// <summary>Starts a sample.</summary>
    /// <param name="allowed">What may be shown.</param>
    /// <param name="head">What of it is not in T.</param>
    /// <param name="count">Items, 0 to |T|.</param>
    /// <param name="draws">The random numbers.</param>
    public void Begin<TSet>(in TSet allowed, CandidateHead head, int count, in RandomDraws draws)
        where TSet : struct, IItemSet
    {
        ArgumentNullException.ThrowIfNull(head);
        if (count < 0 || count > head.Outside)
            throw new ArgumentOutOfRangeException(nameof(count), count, $"The tail has 0 to {head.Outside} items to draw.");
        (_draws, _wanted, _left) = (new DrawSequence(draws), count, head.Outside);

        // Tries may double where half of the tail is drawn.
        double tries = 2.0 * count * allowed.Items / Math.Max(1, head.Outside);
        _inOrder = count > _capacity || count > head.Outside / 2 || tries > head.Outside + (allowed.Items / 64.0);
        if (!_inOrder)
        {
            _drawn.Reset(count);
            return;
        }

        (_word, _bits) = (0, allowed.Word(0));
    }

    /// <summary>The next items of the sample; 0 where there are no more.</summary>
    /// <param name="allowed">As at the start.</param>
    /// <param name="head">As at the start.</param>
    /// <param name="block">Receives items, at least one place.</param>
    public int Next<TSet>(in TSet allowed, CandidateHead head, Span<int> block)
        where TSet : struct, IItemSet
    {
        ArgumentNullException.ThrowIfNull(head);
        int count = Math.Min(_wanted, block.Length);
        if (_inOrder)
            Walk(allowed, head, block[..count]);
        else
            Reject(allowed, head, block[..count]);
        _wanted -= count;
        return count;
    }

    private void Reject<TSet>(in TSet allowed, CandidateHead head, Span<int> block)
        where TSet : struct, IItemSet
    {
        DrawSequence draws = _draws;
        for (int i = 0; i < block.Length;)
        {
            int item = draws.Below(allowed.Items);
            if (allowed.Allows(item) && head.IsOutside(item) && _drawn.Add(item))
                block[i++] = item;
        }

        _draws = draws;
    }

    private void Walk<TSet>(in TSet allowed, CandidateHead head, Span<int> block)
        where TSet : struct, IItemSet
    {
        for (int i = 0; i < block.Length;)
        {
            while (_bits == 0)
                _bits = allowed.Word(++_word);
            int item = (_word * 64) + BitOperations.TrailingZeroCount(_bits);
            _bits &= _bits - 1;
            if (!head.IsOutside(item))
                continue;
            int wanted = _wanted - i;
            if (wanted == _left || _draws.Below(_left) < wanted)
                block[i++] = item;
            _left--;
        }
    }
}
