using KernelPolicy.Index.Files;
using KernelPolicy.Kernels;

namespace KernelPolicy.Policy;

/// <summary>A policy file or bundle of which a process takes some rows of β, since it has no room for all.</summary>
/// <remarks>β is read to its end each time, for its checksum; of the rows that are not asked for none is kept. Not thread-safe.</remarks>
public sealed class ItemRowsFile : IDisposable
{
    /// <summary>Kind, version and section of β of a bundle; the bundle's own writer takes them from here.</summary>
    internal const string BundleKind = "BNDL";
    internal const int BundleVersion = 1;
    internal const string BundleItems = "beta";

    private readonly SectionFileReader _file;
    private readonly string _items;

    /// <summary>Opens a file and looks how large it is.</summary>
    /// <param name="path">A policy file (<see cref="PolicyFile"/>) or a bundle with its vectors (<see cref="ServingBundle"/>).</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">It is neither, is newer, or is damaged.</exception>
    public ItemRowsFile(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        bool isBundle = SectionFileReader.KindOf(path) == BundleKind;
        _file = isBundle
            ? new SectionFileReader(path, BundleKind, BundleVersion)
            : new SectionFileReader(path, PolicyFile.Kind, PolicyFile.Version);
        _items = isBundle ? BundleItems : PolicyFile.Items;
        try
        {
            PolicyFacts facts = PolicyFile.ReadFacts(_file);
            (Items, Dimension) = ((int)facts.Items, facts.Dimension);
        }
        catch
        {
            _file.Dispose();
            throw;
        }
    }

    /// <summary>P.</summary>
    public int Items { get; }

    /// <summary>L.</summary>
    public int Dimension { get; }

    /// <summary>Reads rows of β.</summary>
    /// <param name="first">The first item.</param>
    /// <param name="count">How many.</param>
    /// <returns>[count, L], the caller's.</returns>
    /// <exception cref="ArgumentOutOfRangeException">They are not all among the P items.</exception>
    /// <exception cref="InvalidDataException">β is damaged, holds a number that is not finite in these rows, or is not there: a bundle may
    /// hold codes alone.</exception>
    public Matrix Read(int first, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(first);
        if (count < 0 || count > Items - first)
            throw new ArgumentOutOfRangeException(nameof(count), count, $"From item {first} on there are {Math.Max(0, Items - first)}.");
        Matrix rows = _file.ReadRows(_items, Items, Dimension, first, count);
        try
        {
            TableCheck.Run(_file, _items, rows, first);
            return rows;
        }
        catch
        {
            rows.Dispose();
            throw;
        }
    }

    /// <summary>Reads how a context becomes a query.</summary>
    /// <returns>Θ [L, L] and, where there is one, b; the caller's.</returns>
    /// <exception cref="InvalidDataException">They are damaged, or hold a number that is not finite.</exception>
    public QueryMap ReadQuery()
    {
        Matrix theta = _file.ReadMatrix("theta", Dimension, Dimension);
        Matrix? bias = null;
        try
        {
            TableCheck.Run(_file, "theta", theta);
            bias = _file.Has("bias") ? _file.ReadMatrix("bias", 1, Dimension) : null;
            if (bias is not null)
                TableCheck.Run(_file, "bias", bias);
            return new QueryMap(theta, bias);
        }
        catch
        {
            theta.Dispose();
            bias?.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();
}
