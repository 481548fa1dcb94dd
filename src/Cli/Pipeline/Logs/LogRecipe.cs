using System.Globalization;
using KernelPolicy.Cli.Options;
using KernelPolicy.Data;

namespace KernelPolicy.Cli.Pipeline;

/// <summary>All that decides which decisions there are, how they are divided and how their contexts are made. A policy carries
/// it, so that other logs and single contexts are made into the same features.</summary>
/// <param name="Source">Where decisions come from. Its reading holds the encoding of the training's features, and its contexts
/// are what they were, not auto.</param>
/// <param name="Split">How decisions are divided.</param>
/// <param name="Seed">Names the draws of the split, and of the synthetic log.</param>
internal sealed record LogRecipe(LogSource Source, LogSplit Split, ulong Seed)
{
    /// <summary>What the columns of a context are; null where contexts are histories.</summary>
    public FeatureEncoding? Encoding => Source.Reading.Encoding;

    /// <summary>The source by which other files are read as those of the training were.</summary>
    /// <param name="other">The files, with how to read them where anything was said of it.</param>
    public LogSource SourceFor(LogSource other) => (other.IsDescribed ? other : Source with { Files = other.Files }) with
    {
        Contexts = Source.Contexts,
        FitPropensities = other.FitPropensities,
        Reading = (other.IsDescribed ? other.Reading : Source.Reading) with
        {
            Encoding = Encoding,
            FeatureColumns = Encoding is null ? [] : null,
        },
    };

    /// <summary>Whether files are those of the training.</summary>
    public bool IsOwn(LogSource other) =>
        Source.Files.Order(StringComparer.Ordinal).SequenceEqual(other.Files.Select(Path.GetFullPath).Order(StringComparer.Ordinal));

    /// <summary>Features of one context from their texts.</summary>
    /// <param name="values">Name and text of each feature.</param>
    /// <param name="unknown">Receives those that are no category of the training: their features are zero.</param>
    /// <returns>x [D].</returns>
    /// <exception cref="ArgumentException">A feature is missing, unknown or no number, or contexts are histories.</exception>
    public float[] Encode(IReadOnlyDictionary<string, string> values, List<string> unknown)
    {
        FeatureEncoding encoding = Encoding
            ?? throw new ArgumentException("The policy's contexts are histories: give one by --history.");
        string names = string.Join(", ", encoding.Columns.Select(c => c.Name));
        string? stray = values.Keys.FirstOrDefault(name => encoding.Columns.All(c => c.Name != name));
        if (stray is not null)
            throw new ArgumentException($"The policy knows no feature '{stray}'; its features are {names}.");
        float[] x = new float[encoding.Dimension];
        int place = 0;
        if (encoding.Intercept)
            x[place++] = 1;
        foreach (EncodedColumn column in encoding.Columns)
        {
            if (!values.TryGetValue(column.Name, out string? text))
                throw new ArgumentException($"The feature '{column.Name}' is missing; the policy's features are {names}.");
            if (column.Categories is null)
                x[place] = Number(column.Name, text);
            else if (Category(column.Categories, text) is >= 0 and var category)
                x[place + category] = 1;
            else
                unknown.Add($"{column.Name}={text}");
            place += column.Width;
        }

        return x;
    }

    private static int Category(IReadOnlyList<string> categories, string text)
    {
        for (int i = 0; i < categories.Count; i++)
        {
            if (categories[i] == text)
                return i;
        }

        return -1;
    }

    private static float Number(string name, string text) =>
        float.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out float number) && float.IsFinite(number)
            ? number
            : throw new ArgumentException($"The feature '{name}' is '{text}'; it must be a finite number.");
}
