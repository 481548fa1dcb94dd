using System.Globalization;
using KernelPolicy.Kernels;

namespace KernelPolicy.Data;

/// <summary>Gathers the features of rows as they pass, 4 bytes a field, and encodes them once all categories are known.</summary>
/// <remarks>Not thread-safe.</remarks>
internal sealed class FeatureCollector
{
    private const int RowsPerBlock = 1 << 14;
    private const int Unknown = -1;

    private readonly string[] _names;
    private readonly Dictionary<string, int>?[] _categories;
    private readonly FeatureEncoding? _given;
    private readonly bool _intercept;
    private readonly int _maxCategories;
    private readonly bool[] _asked;
    private readonly List<int[]> _blocks = [];
    private bool _kindsKnown;
    private int _rows;

    /// <summary>Prepares for columns of the given names.</summary>
    /// <param name="names">Names of the columns.</param>
    /// <param name="asked">Which of them are to be categories whatever they hold.</param>
    /// <param name="given">The encoding to keep to, or null to make one.</param>
    /// <param name="intercept">Whether to start with a column of ones, where no encoding is given.</param>
    /// <param name="maxCategories">Most categories of a column.</param>
    public FeatureCollector(string[] names, bool[] asked, FeatureEncoding? given, bool intercept, int maxCategories)
    {
        (_names, _asked, _given, _intercept, _maxCategories) = (names, asked, given, intercept, maxCategories);
        _categories = new Dictionary<string, int>?[names.Length];
        if (given is null)
            return;
        _kindsKnown = true;
        for (int i = 0; i < names.Length; i++)
        {
            if (given.Columns[i].Categories is { } categories)
            {
                _categories[i] = new Dictionary<string, int>(
                    categories.Select((text, number) => KeyValuePair.Create(text, number)), StringComparer.Ordinal);
            }
        }
    }

    /// <summary>Fields whose text is none of the given encoding's categories.</summary>
    public long UnknownCategories { get; private set; }

    /// <summary>Adds the features of a row.</summary>
    /// <param name="cells">At the row.</param>
    /// <param name="firstOrdinal">Number of the first feature in the query.</param>
    /// <param name="columns">The features' columns in the file, for messages.</param>
    /// <exception cref="InvalidDataException">A field is no number where the column holds numbers, or the column has too
    /// many categories.</exception>
    public void Add(CellReader cells, int firstOrdinal, int[] columns)
    {
        if (!_kindsKnown)
            SetKinds(cells, firstOrdinal);
        if (_rows % RowsPerBlock == 0)
            _blocks.Add(new int[RowsPerBlock * _names.Length]);
        Span<int> fields = _blocks[^1].AsSpan(_rows % RowsPerBlock * _names.Length, _names.Length);
        for (int i = 0; i < fields.Length; i++)
        {
            string? text = cells.Text(firstOrdinal + i);
            fields[i] = _categories[i] is { } categories
                ? Category(categories, text ?? "", cells, columns[i])
                : BitConverter.SingleToInt32Bits(Number(text, cells, columns[i]));
        }

        _rows++;
    }

    /// <summary>The table of features [N, D] and what its columns are.</summary>
    public (Matrix Features, FeatureEncoding Encoding) Build()
    {
        EncodedColumn[] columns = new EncodedColumn[_names.Length];
        int[][] places = new int[_names.Length][];
        for (int i = 0; i < columns.Length; i++)
        {
            if (_categories[i] is not { } categories)
            {
                columns[i] = new EncodedColumn(_names[i], null);
                continue;
            }

            string[] texts = [.. categories.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => pair.Key)];
            columns[i] = new EncodedColumn(_names[i], texts);
            places[i] = new int[texts.Length];
            for (int place = 0; place < texts.Length; place++)
                places[i][categories[texts[place]]] = place;
        }

        FeatureEncoding encoding = _given ?? new FeatureEncoding(_intercept, columns);
        Matrix features = new(_rows, encoding.Dimension);
        for (int row = 0; row < _rows; row++)
        {
            Fill(
                features.Row(row),
                _blocks[row / RowsPerBlock].AsSpan(row % RowsPerBlock * _names.Length, _names.Length),
                encoding,
                places);
        }

        return (features, encoding);
    }

    private static void Fill(Span<float> row, ReadOnlySpan<int> fields, FeatureEncoding encoding, int[][] places)
    {
        int start = 0;
        if (encoding.Intercept)
            row[start++] = 1;
        for (int i = 0; i < fields.Length; i++)
        {
            if (places[i] is null)
                row[start] = BitConverter.Int32BitsToSingle(fields[i]);
            else if (fields[i] != Unknown)
                row[start + places[i][fields[i]]] = 1;
            start += encoding.Columns[i].Width;
        }
    }

    private static float Number(string? text, CellReader cells, int column) =>
        float.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out float value) && float.IsFinite(value)
            ? value
            : throw cells.Fault(column, text, "a finite number, as in the rows before; text needs CategoryColumns");

    private void SetKinds(CellReader cells, int firstOrdinal)
    {
        for (int i = 0; i < _names.Length; i++)
        {
            bool isNumber = float.TryParse(
                cells.Text(firstOrdinal + i), NumberStyles.Float, CultureInfo.InvariantCulture, out _);
            if (_asked[i] || !isNumber)
                _categories[i] = new Dictionary<string, int>(StringComparer.Ordinal);
        }

        _kindsKnown = true;
    }

    private int Category(Dictionary<string, int> categories, string text, CellReader cells, int column)
    {
        if (categories.TryGetValue(text, out int known))
            return known;
        if (_given is not null)
        {
            UnknownCategories++;
            return Unknown;
        }

        if (categories.Count == _maxCategories)
        {
            throw cells.Fault(
                column,
                text,
                $"at most {_maxCategories} distinct texts, and this is one more; raise MaxCategories or leave the column out");
        }

        categories.Add(text, categories.Count);
        return categories.Count - 1;
    }
}
