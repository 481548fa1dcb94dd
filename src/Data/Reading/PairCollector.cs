using KernelPolicy.Kernels;

namespace KernelPolicy.Data;

/// <summary>Gathers encoded (user, item) pairs in whatever order they come, 8 bytes each, without ever copying them.</summary>
internal sealed class PairCollector
{
    private const int BlockLength = 1 << 20;

    private readonly List<long[]> _blocks = [];
    private int _used = BlockLength;

    /// <summary>Pairs gathered.</summary>
    public long Count => ((long)_blocks.Count * BlockLength) - (BlockLength - _used);

    /// <summary>Adds one pair.</summary>
    public void Add(int user, int item)
    {
        if (_used == BlockLength)
        {
            _blocks.Add(new long[BlockLength]);
            _used = 0;
        }

        _blocks[^1][_used++] = ((long)user << 32) | (uint)item;
    }

    /// <summary>One row a user with their items, rising, each once. Empties the collector to give its memory back.</summary>
    public SparseRows ToRows(int users, CancellationToken cancellationToken)
    {
        long[] next = new long[users + 1];
        ForEach((user, _) => next[user + 1]++);
        for (int user = 0; user < users; user++)
            next[user + 1] += next[user];
        int[] items = new int[next[users]];
        long[] starts = next[..^1];
        ForEach((user, item) => items[starts[user]++] = item);
        _blocks.Clear();
        _used = BlockLength;
        cancellationToken.ThrowIfCancellationRequested();

        // Sorting each row and closing the gaps that repeats leave, in one pass from front to back.
        long written = 0;
        long rowStart = 0;
        for (int user = 0; user < users; user++)
        {
            long rowEnd = next[user + 1];
            Span<int> row = items.AsSpan(checked((int)rowStart), (int)(rowEnd - rowStart));
            row.Sort();
            int before = -1;
            foreach (int item in row)
            {
                if (item != before)
                    items[written++] = before = item;
            }

            next[user + 1] = written;
            rowStart = rowEnd;
        }

        Array.Resize(ref items, checked((int)written));
        return new SparseRows(next, items);
    }

    private void ForEach(Action<int, int> visit)
    {
        for (int block = 0; block < _blocks.Count; block++)
        {
            int length = block == _blocks.Count - 1 ? _used : BlockLength;
            foreach (long pair in _blocks[block].AsSpan(0, length))
                visit((int)(pair >> 32), (int)pair);
        }
    }
}
