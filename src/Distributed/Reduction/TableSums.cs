using KernelPolicy.Kernels;

namespace KernelPolicy.Distributed;

/// <summary>Sums tables and lists of numbers over ranks, of any size, in place and in pieces: for what is made once, as factors are.</summary>
/// <remarks>Collective, like its communicator; the same bits on all ranks. Not thread-safe.</remarks>
/// <param name="communicator">The ranks; it stays the caller's.</param>
public sealed class TableSums(ICommunicator communicator) : IDisposable
{
    private const int FloatsAtOnce = 1 << 18;

    private RankSum? _tables;
    private RankDoubleSum? _numbers;
    private int _width;
    private int _count;

    /// <summary>Puts the sum of the ranks' tables in place of each.</summary>
    /// <param name="table">Of the same shape on all ranks.</param>
    public void Sum(Matrix table)
    {
        ArgumentNullException.ThrowIfNull(table);
        int rows = (int)Math.Min(table.Rows, Math.Max(1, FloatsAtOnce / table.Columns));
        if (rows == 0)
            return;
        if (_tables is null || _width != table.Columns || _tables.Rows != rows)
        {
            _tables?.Dispose();
            (_tables, _width) = (new RankSum(communicator, rows, table.Columns), table.Columns);
        }

        for (long first = 0; first < table.Rows; first += rows)
        {
            int some = (int)Math.Min(rows, table.Rows - first);
            for (int row = 0; row < some; row++)
                table.Row(first + row).CopyTo(_tables.Own(row));
            _tables.Run();
            for (int row = 0; row < some; row++)
                _tables.Joined(row).CopyTo(table.Row(first + row));
        }
    }

    /// <summary>Puts the sum of the ranks' numbers in place of each.</summary>
    /// <param name="numbers">As many on all ranks.</param>
    public void Sum(double[] numbers)
    {
        ArgumentNullException.ThrowIfNull(numbers);
        if (numbers.Length == 0)
            return;
        if (_numbers is null || _count != numbers.Length)
        {
            _numbers?.Dispose();
            (_numbers, _count) = (new RankDoubleSum(communicator, numbers.Length), numbers.Length);
        }

        _numbers.Sum(numbers);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _tables?.Dispose();
        _numbers?.Dispose();
    }
}
