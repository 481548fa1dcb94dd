namespace KernelPolicy.Data;

/// <summary>Gives each distinct id a number, in the order in which ids are first seen.</summary>
/// <remarks>
/// Two look-ups a row make this the costliest part of reading, and it waits for memory. Ids that are small integers, as
/// those of most public data sets are, go through a plain table, which is a tenth of a dictionary's size and stays in the
/// cache. Not thread-safe. The numbers are provisional: <see cref="IdOrder"/> makes the lasting ones.
/// </remarks>
internal sealed class IdTable
{
    private const int SmallIntegers = 1 << 24;
    private const int MostDigits = 8;

    private readonly Dictionary<string, int> _numbers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _bySpan;
    private readonly List<string> _ids = [];
    private int[] _numberPlusOne = new int[1 << 10];

    public IdTable() => _bySpan = _numbers.GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>Number of distinct ids.</summary>
    public int Count => _ids.Count;

    /// <summary>The id with a given number.</summary>
    public string this[int number] => _ids[number];

    /// <summary>The number of an id, a new one if it is new.</summary>
    public int Number(string id)
    {
        int value = SmallInteger(id);
        if (value >= 0)
            return SmallNumber(value, id, id);
        if (!_numbers.TryGetValue(id, out int number))
            number = Add(id);
        return number;
    }

    /// <summary>The number of an id, a new one if it is new; only a new id is made a string.</summary>
    public int Number(ReadOnlySpan<char> id)
    {
        int value = SmallInteger(id);
        if (value >= 0)
            return SmallNumber(value, id, null);
        if (!_bySpan.TryGetValue(id, out int number))
            number = Add(id.ToString());
        return number;
    }

    /// <summary>The value of an id that is a small integer as printed, else −1: "007" is not "7".</summary>
    private static int SmallInteger(ReadOnlySpan<char> id)
    {
        if (id.Length is 0 or > MostDigits || (id[0] == '0' && id.Length > 1))
            return -1;
        int value = 0;
        foreach (char c in id)
        {
            if (!char.IsAsciiDigit(c))
                return -1;
            value = (value * 10) + (c - '0');
        }

        return value < SmallIntegers ? value : -1;
    }

    private int SmallNumber(int value, ReadOnlySpan<char> id, string? text)
    {
        if (value >= _numberPlusOne.Length)
            Array.Resize(ref _numberPlusOne, (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)value + 1));
        ref int known = ref _numberPlusOne[value];
        if (known == 0)
        {
            _ids.Add(text ?? id.ToString());
            known = _ids.Count;
        }

        return known - 1;
    }

    private int Add(string id)
    {
        int number = _ids.Count;
        _numbers.Add(id, number);
        _ids.Add(id);
        return number;
    }
}
