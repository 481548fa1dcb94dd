namespace KernelPolicy.Data;

/// <summary>What the columns of a table of features are, so that another file can be encoded alike.</summary>
/// <remarks>
/// Order: the column of ones first, where there is one; then the source's columns in their order. A column of numbers
/// gives one feature of its name. A column of texts gives one feature a category, 1 where the row has it and 0 elsewhere,
/// in the ordinal order of the texts, each called <c>name=text</c>; an empty field is the category of the empty text.
/// Immutable; safe for concurrent reads.
/// </remarks>
public sealed class FeatureEncoding
{
    /// <summary>Name of the column of ones.</summary>
    public const string InterceptName = "intercept";

    /// <summary>Describes the columns of a table.</summary>
    /// <param name="intercept">Whether a column of ones comes first.</param>
    /// <param name="columns">Columns of the source, names distinct.</param>
    /// <exception cref="ArgumentException">There is no column at all, or a name or a category occurs twice.</exception>
    public FeatureEncoding(bool intercept, IReadOnlyList<EncodedColumn> columns)
    {
        ArgumentNullException.ThrowIfNull(columns);
        if (!intercept && columns.Count == 0)
            throw new ArgumentException("An encoding needs a column: a feature or the intercept.", nameof(columns));
        if (columns.Select(c => c.Name).Distinct(StringComparer.Ordinal).Count() != columns.Count)
            throw new ArgumentException("A feature occurs twice.", nameof(columns));
        List<string> names = intercept ? [InterceptName] : [];
        foreach (EncodedColumn column in columns)
        {
            if (column.Categories is not { } categories)
            {
                names.Add(column.Name);
                continue;
            }

            for (int i = 1; i < categories.Count; i++)
            {
                if (string.CompareOrdinal(categories[i - 1], categories[i]) >= 0)
                    throw new ArgumentException($"The categories of \"{column.Name}\" must rise in ordinal order.", nameof(columns));
            }

            names.AddRange(categories.Select(category => $"{column.Name}={category}"));
        }

        Intercept = intercept;
        Columns = columns;
        EncodedFeatures = names;
    }

    /// <summary>Whether column 0 is 1 throughout.</summary>
    public bool Intercept { get; }

    /// <summary>Columns of the source.</summary>
    public IReadOnlyList<EncodedColumn> Columns { get; }

    /// <summary>Names of the features [D].</summary>
    public IReadOnlyList<string> EncodedFeatures { get; }

    /// <summary>D.</summary>
    public int Dimension => EncodedFeatures.Count;
}

/// <summary>One column of a source of features.</summary>
/// <param name="Name">Its name there.</param>
/// <param name="Categories">Its texts in ordinal order; null where it holds numbers.</param>
public sealed record EncodedColumn(string Name, IReadOnlyList<string>? Categories)
{
    /// <summary>Features that it gives.</summary>
    public int Width => Categories?.Count ?? 1;
}
