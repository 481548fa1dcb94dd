namespace KernelPolicy.Data;

/// <summary>How a file of interactions is written. Each may be gzipped; that is seen from the file's first bytes.</summary>
public enum InteractionFormat
{
    /// <summary>By extension (.gz aside): .inter, .csv, .tsv, .parquet, .sessions. Any other is an error that asks.</summary>
    Auto = 0,

    /// <summary>RecBole's atomic file: tab-separated, with a header of <c>name:type</c> fields.</summary>
    Inter,

    /// <summary>Comma-separated, with fields quoted by <c>"</c> where needed.</summary>
    Csv,

    /// <summary>Tab-separated, with fields quoted by <c>"</c> where needed.</summary>
    Tsv,

    /// <summary>Fields separated by single spaces, no quotes.</summary>
    Space,

    /// <summary>One session a line: item ids separated by spaces, no user ids. The user id is the line's number,
    /// counted from 1 on through all files, so that blank lines keep their numbers.</summary>
    Sessions,

    /// <summary>Apache Parquet.</summary>
    Parquet,
}

/// <summary>Whether the first line of a delimited file names its columns.</summary>
public enum HeaderMode
{
    /// <summary>Decided from the first two lines; see <see cref="InteractionOptions.Header"/>.</summary>
    Auto = 0,

    /// <summary>The first line names the columns.</summary>
    Yes,

    /// <summary>The first line is data.</summary>
    No,
}
