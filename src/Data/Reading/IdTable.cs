namespace KernelPolicy.Data;

/// <summary>Gives each distinct id a number, in the order in which ids are first seen.</summary>
/// <remarks>Not thread-safe. The numbers are provisional: <see cref="IdOrder"/> makes the lasting ones.</remarks>
internal sealed class IdTable
{
    private readonly Dictionary<string, int> _numbers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _bySpan;
    private readonly List<string> _ids = [];

    public IdTable() => _bySpan = _numbers.GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>Number of distinct ids.</summary>
    public int Count => _ids.Count;

    /// <summary>The id with a given number.</summary>
    public string this[int number] => _ids[number];

    /// <summary>The number of an id, a new one if it is new.</summary>
    public int Number(string id)
    {
        if (!_numbers.TryGetValue(id, out int number))
            number = Add(id);
        return number;
    }

    /// <summary>The number of an id, a new one if it is new; only a new id is made a string.</summary>
    public int Number(ReadOnlySpan<char> id)
    {
        if (!_bySpan.TryGetValue(id, out int number))
            number = Add(id.ToString());
        return number;
    }

    private int Add(string id)
    {
        int number = _ids.Count;
        _numbers.Add(id, number);
        _ids.Add(id);
        return number;
    }
}
