using KernelPolicy.Kernels;

namespace KernelPolicy.Data;

/// <summary>Features of the items of a catalogue, which can serve as β: one row an item, in the order of its
/// table.</summary>
/// <remarks>Encoded as contexts are, but without a column of ones: it would add the same to every item's score, which the
/// softmax does not see. Owns its table: dispose it. Immutable by convention; safe for concurrent reads.</remarks>
public sealed class ItemFeatures : IDisposable
{
    private const int MostOneHotItems = 1 << 14;
    private const int FirstFeatureField = 1;

    private ItemFeatures(Matrix values, FeatureEncoding encoding, int rowsLeftOut)
    {
        Values = values;
        Encoding = encoding;
        RowsLeftOut = rowsLeftOut;
    }

    /// <summary>The features [P, D].</summary>
    public Matrix Values { get; }

    /// <summary>What the columns are.</summary>
    public FeatureEncoding Encoding { get; }

    /// <summary>Rows of the file about items that the catalogue does not have.</summary>
    public int RowsLeftOut { get; }

    /// <summary>Reads the features of a catalogue's items.</summary>
    /// <param name="file">CSV, TSV or Parquet, plain or gzipped: a column of ids and columns of features.</param>
    /// <param name="itemIds">Ids of the catalogue [P], as <see cref="BanditLog.ItemIds"/> has them.</param>
    /// <param name="options">What to take; the defaults where null.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <returns>Features that the caller disposes.</returns>
    /// <exception cref="ArgumentException">An option is out of range, a column does not exist, or the options leave open
    /// how to read the file.</exception>
    /// <exception cref="FileNotFoundException">The file does not exist.</exception>
    /// <exception cref="InvalidDataException">The file is broken, a value is not what its column holds, an item occurs
    /// twice, or an item of the catalogue is not in the file.</exception>
    public static ItemFeatures Read(
        string file,
        IReadOnlyList<string> itemIds,
        ItemFeatureOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(itemIds);
        ArgumentOutOfRangeException.ThrowIfZero(itemIds.Count);
        InputFiles.Check([file]);
        options ??= new ItemFeatureOptions();
        options.Validate();
        InteractionFormat format = InputFiles.Format([file], options.FileFormat, cancellationToken);
        using DuckSource duck = new(1, options.MemoryLimitMebibytes);
        TableLayout layout = format == InteractionFormat.Parquet
            ? TableLayout.OfParquet(file, duck.ParquetColumns(file).Names)
            : TableLayout.OfDelimited(file, format, options.Delimiter, options.Header, field => IsName(field, options));
        int id = options.IdColumn is { } text
            ? ColumnNames.Named(layout, text, nameof(options.IdColumn))
            : ColumnNames.Known(layout, ColumnChoice.ItemNames, "item ids");
        int[] columns = ColumnPatterns.Find(layout, options.FeatureColumns, [id], true, nameof(options.FeatureColumns));
        if (columns.Length == 0)
            throw new ArgumentException("FeatureColumns is empty; name at least one column.", nameof(options));
        bool[] asked = [.. columns.Select(c => ColumnPatterns.Includes(layout, c, options.CategoryColumns))];
        FeatureCollector collector = new(
            [.. columns.Select(layout.Column)], asked, null, false, options.MaxCategories);
        (int[] rowOf, int leftOut) = ReadRows(duck, layout, id, columns, itemIds, collector, cancellationToken);
        (Matrix inFileOrder, FeatureEncoding encoding) = collector.Build();
        using (inFileOrder)
            return new ItemFeatures(InOrder(inFileOrder, rowOf), encoding, leftOut);
    }

    /// <summary>The identity [P, P]: each item its own feature, so that nothing is shared between items.</summary>
    /// <param name="items">P, from 1 to 16,384: the table, and Θ with it, has P² floats.</param>
    /// <returns>Features that the caller disposes.</returns>
    /// <exception cref="ArgumentOutOfRangeException">P is out of range.</exception>
    public static ItemFeatures OneHot(int items)
    {
        if (items is < 1 or > MostOneHotItems)
        {
            throw new ArgumentOutOfRangeException(
                nameof(items), items, $"One feature an item is for 1 to {MostOneHotItems} items.");
        }

        Matrix identity = new(items, items);
        EncodedColumn[] columns = new EncodedColumn[items];
        for (int item = 0; item < items; item++)
        {
            identity.Row(item)[item] = 1;
            columns[item] = new EncodedColumn($"item={item}", null);
        }

        return new ItemFeatures(identity, new FeatureEncoding(false, columns), 0);
    }

    /// <summary>Frees the table.</summary>
    public void Dispose() => Values.Dispose();

    private static bool IsName(string field, ItemFeatureOptions options) =>
        field == options.IdColumn || ColumnChoice.ItemNames.Contains(ColumnNames.Plain(field));

    /// <summary>Which of the rows collected each item has, and how many rows are about no item.</summary>
    private static (int[] RowOf, int LeftOut) ReadRows(
        DuckSource duck,
        TableLayout layout,
        int id,
        int[] columns,
        IReadOnlyList<string> itemIds,
        FeatureCollector collector,
        CancellationToken cancellationToken)
    {
        Dictionary<string, int> items = new(itemIds.Count, StringComparer.Ordinal);
        for (int item = 0; item < itemIds.Count; item++)
            items.Add(itemIds[item], item);
        int[] rowOf = new int[itemIds.Count];
        Array.Fill(rowOf, -1);
        int collected = 0;
        int leftOut = 0;
        CellReader cells = new(layout);
        string fields = string.Join(", ", columns.Prepend(id).Select(c => $"CAST({layout.Field(c)} AS VARCHAR)"));
        duck.ForEachRow(
            layout.File,
            $"SELECT {fields} FROM {layout.From()}",
            (reader, row) =>
            {
                cells.MoveTo(reader, row);
                string text = cells.Id(0, id, "an item id");
                if (!items.TryGetValue(text, out int item))
                {
                    leftOut++;
                    return;
                }

                if (rowOf[item] >= 0)
                    throw cells.Fault(id, text, "each item once, and this one has come before");
                collector.Add(cells, FirstFeatureField, columns);
                rowOf[item] = collected++;
            },
            static () => { },
            cancellationToken);
        int missing = Array.IndexOf(rowOf, -1);
        return missing < 0
            ? (rowOf, leftOut)
            : throw new InvalidDataException(
                $"{layout.File}: item \"{itemIds[missing]}\" has no row, nor have {rowOf.Count(r => r < 0) - 1} others; "
                + $"expected one for each of the {itemIds.Count} items.");
    }

    private static Matrix InOrder(Matrix rows, int[] rowOf)
    {
        Matrix ordered = new(rowOf.Length, rows.Columns);
        for (int item = 0; item < rowOf.Length; item++)
            rows.PaddedRow(rowOf[item]).CopyTo(ordered.PaddedRow(item));
        return ordered;
    }
}
