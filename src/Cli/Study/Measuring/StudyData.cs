using KernelPolicy.Data;
using KernelPolicy.Kernels;

namespace KernelPolicy.Cli.Study;

/// <summary>The users and items that cells learn on: interactions of a catalogue, their split and β by seed. Keeps those of the cell
/// before, since cells of a kind follow each other.</summary>
/// <param name="read">The user's own interactions; null where they are drawn.</param>
/// <param name="settings">The study's sizes.</param>
/// <param name="team">Threads to use.</param>
internal sealed class StudyData(Interactions? read, StudySettings settings, WorkerTeam team) : IDisposable
{
    // The log is one; seeds divide its users. So do the comparisons of bench/compare-estimators.
    private const ulong LogSeed = 1;

    // The truth is known for every user and item; beyond this many pairs it takes longer than a training.
    private const long MostPairsOfTruth = 100_000_000;

    private StudyCatalogue? _catalogue;
    private Interactions? _interactions;
    private SyntheticTruth? _truth;
    private (StudyCatalogue, int, ulong)? _key;

    /// <summary>Users divided.</summary>
    public SessionSplit Split { get; private set; } = null!;

    /// <summary>The test users, no more than are asked for.</summary>
    public SplitPart Test { get; private set; } = null!;

    /// <summary>β [P, L].</summary>
    public Matrix Items { get; private set; } = null!;

    /// <summary>The most that anyone can expect on the test users; NaN where nobody knows.</summary>
    public double BestPossible { get; private set; }

    /// <summary>The shape of a log that is drawn. The larger the catalogue, the more clusters, as far as L dimensions tell them
    /// apart.</summary>
    public static SyntheticOptions Shape(StudyCatalogue catalogue) => new()
    {
        Items = catalogue.Items,
        Users = catalogue.Users,
        Seed = LogSeed,
        MeanDraws = StudyCatalogue.MeanDraws,
        Clusters = Math.Clamp(catalogue.Items / 400, 5, 200),
    };

    /// <summary>Makes the data that of a cell.</summary>
    public void Turn(StudyCell cell, IProgress<string> progress, CancellationToken cancellation)
    {
        if (_key == (cell.Catalogue, cell.Dimension, cell.Seed))
            return;
        _key = null;
        if (_catalogue != cell.Catalogue)
        {
            progress.Report("reading the log");
            (_interactions, _truth) = read is null ? SyntheticInteractions.Generate(Shape(cell.Catalogue)) : (read, null);
            _catalogue = cell.Catalogue;
        }

        cancellation.ThrowIfCancellationRequested();
        Split = SessionSplit.Create(_interactions!, cell.Seed);
        Test = First(Split.Test, settings.TestUsers);
        if (Test.Count == 0)
            throw new ArgumentException($"{cell.Catalogue.Title} has {cell.Catalogue.Users} users: none is left to test on.");
        progress.Report("item embeddings");
        Items?.Dispose();
        Items = null!;
        Items = TruncatedSvd.Compute(
            TrainingMatrix.Build(Split.Train, EmbeddingSource.Histories),
            Split.ItemCount,
            new SvdOptions { Rank = cell.Dimension, SingularPower = settings.SingularPower, Seed = cell.Seed },
            team,
            new Display.StageProgress<SvdProgress>(at => progress.Report($"item embeddings, {(double)at.Done / at.Total:P0}")),
            cancellation).ItemFactors;
        bool isKnown = _truth is not null && (long)cell.Catalogue.Items * Test.Count <= MostPairsOfTruth;
        BestPossible = isKnown ? _truth!.BestReward(Test).Expected : double.NaN;
        _key = (cell.Catalogue, cell.Dimension, cell.Seed);
    }

    /// <inheritdoc/>
    public void Dispose() => Items?.Dispose();

    // Users are in random order, so that the first are as good as any.
    private static SplitPart First(SplitPart part, int count)
    {
        count = Math.Min(count, part.Count);
        return new SplitPart(part.Users[..count], First(part.Histories, count), First(part.Rewarded, count));
    }

    private static SparseRows First(SparseRows rows, int count) =>
        new(rows.Offsets[..(count + 1)].ToArray(), rows.Items[..(int)rows.Offsets[count]].ToArray());
}
