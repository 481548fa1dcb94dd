namespace KernelPolicy.Kernels;

/// <summary>The tail T of one context: l' draws outside the head, as rows of a table that holds them.</summary>
/// <param name="table">β [P, L], or the gathered rows of a tail that a batch shares.</param>
/// <param name="rows">The row of each draw in the table [l'].</param>
/// <param name="items">The item number of each draw [l'].</param>
/// <param name="scores">f of each draw [l'].</param>
/// <param name="isWhole">Whether these are all items outside the head, each once.</param>
public readonly ref struct StrataTail(
    Matrix table, ReadOnlySpan<int> rows, ReadOnlySpan<int> items, ReadOnlySpan<float> scores, bool isWhole)
{
    /// <summary>β of the draws, at <see cref="Rows"/>.</summary>
    public Matrix Table { get; } = table;

    /// <summary>Row of each draw in <see cref="Table"/> [l'].</summary>
    public ReadOnlySpan<int> Rows { get; } = rows;

    /// <summary>Item number of each draw [l'].</summary>
    public ReadOnlySpan<int> Items { get; } = items;

    /// <summary>f of each draw [l'].</summary>
    public ReadOnlySpan<float> Scores { get; } = scores;

    /// <summary>Whether these are all items outside the head, each once.</summary>
    public bool IsWhole { get; } = isWhole;

    /// <summary>l'.</summary>
    public int Count => Rows.Length;
}
