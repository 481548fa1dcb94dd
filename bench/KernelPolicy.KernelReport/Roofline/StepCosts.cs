using KernelPolicy.Kernels;
using KernelPolicy.Kernels.Ilgpu;

namespace KernelPolicy.KernelReport.Roofline;

/// <summary>The kernels of a training step and what each does, counted from its source: bytes, operations, groups, and the
/// steps that must follow each other. β in single precision.</summary>
/// <param name="P">Items.</param>
/// <param name="L">Dimensions.</param>
/// <param name="S">Draws a context.</param>
/// <param name="K">Items retrieved.</param>
/// <param name="B">Contexts a step.</param>
/// <param name="Multiprocessors">Multiprocessors of the device: some launches have so many groups for each.</param>
internal sealed record StepCosts(double P, int L, double S, double K, double B, int Multiprocessors)
{
    /// <summary>Items of a history, as assumed.</summary>
    public const double History = 30;

    /// <summary>Rewarded items of a context, as assumed.</summary>
    public const double Rewarded = 30;

    private const double Number = sizeof(float);
    private const double Threads = 128;

    // A read of a single number brings a sector.
    private const double Sector = 32;

    // Loads that do not depend on each other are issued so many at a time.
    private const double Unrolled = 4;

    // An exponential in plain arithmetic.
    private const double ExpOperations = 24;

    // Philox and what follows it, a draw.
    private const double DrawOperations = 120;

    // GroupChoiceKernel bisects 32 bits and goes through the maxima twice more.
    private const double ChoicePasses = 34;

    private double Row => Matrix.PaddedLength(L) * Number;

    private double Items => P * Row;

    // Catalogue passes and scans take queries 32 at a time.
    private double Sets => Math.Ceiling(B / CatalogueShape.Width);

    private double Lanes => Sets * CatalogueShape.Width;

    private double Parts => Math.Ceiling(S / SampledShape.Part);

    private double SumTeams => Math.Floor(Threads / Math.Min(Threads, Matrix.PaddedLength(L) / 4.0));

    private double Blocks => Math.Ceiling(P / CatalogueShape.MostBlockItems);

    private double PieceBlocks => Math.Max(Math.Min(4, Blocks), Math.Ceiling(Blocks / (4 * Multiprocessors)));

    private double Pieces => Math.Ceiling(Blocks / PieceBlocks);

    /// <summary>A step with uniform draws.</summary>
    public IReadOnlyList<KernelCost> Uniform() => [Contexts, SampledPass(0), SampledJoin, Ascent];

    /// <summary>A step with draws from the mixture, the top K by a scan of the device.</summary>
    public IReadOnlyList<KernelCost> Mixture() =>
    [
        Contexts, GroupMaxima, GroupChoice, GroupScores, TopItems, MixtureHead, SampledPass(2 * Sector), SampledJoin, Ascent,
    ];

    /// <summary>The same, were the choice of groups spread over all multiprocessors: what that kernel costs by having a group a
    /// query.</summary>
    public IReadOnlyList<KernelCost> MixtureSpread() =>
        [.. Mixture().Select(cost => cost.Kernel == GroupChoice.Kernel ? cost with { Groups = Multiprocessors } : cost)];

    /// <summary>The same where the top K costs nothing: what an index that is fast enough could make of it.</summary>
    public IReadOnlyList<KernelCost> MixtureWithoutQuery() =>
        [.. Mixture().Except([GroupMaxima, GroupChoice, GroupScores, TopItems])];

    /// <summary>A step with the exact gradient.</summary>
    public IReadOnlyList<KernelCost> Exact() => [Contexts, CataloguePass(keeps: false), CatalogueJoin, ExactGradient, Ascent];

    /// <summary>A step of REINFORCE.</summary>
    public IReadOnlyList<KernelCost> Reinforce() =>
    [
        Contexts, CataloguePass(keeps: true), CatalogueJoin, CumulativeMass, PolicyDraws, SampledPass(2 * Number), SampledJoin, Ascent,
    ];

    // Rows of β at random places, added up; then every group reads all of Θ, which the ascent of the step before has left in the
    // cache; H is written twice.
    private KernelCost Contexts => new("contexts and projection", B)
    {
        TableBytes = B * History * Row, TableSize = Items, CacheBytes = B * ((L * Row) + (4 * Row)),
        Operations = (B * History * L) + (2 * B * L * L), FarSteps = (History + L) / Unrolled,
    };

    // Rows of the tile once for up to 32 queries, columns padded; the best of sixteen is written.
    private KernelCost GroupMaxima => new("group maxima", Math.Ceiling(P / 256))
    {
        TableBytes = Sets * Items, TableSize = Items, CacheBytes = Lanes * P / StagedMaximaKernel.GroupItems * Number,
        Operations = 2 * Lanes * P * Matrix.PaddedLength(L),
    };

    private KernelCost GroupChoice => new("group choice", B)
    {
        CacheBytes = ChoicePasses * B * P / StagedMaximaKernel.GroupItems * Number,
        Operations = 2 * ChoicePasses * B * P / StagedMaximaKernel.GroupItems,
    };

    private KernelCost GroupScores => new("group scores", B * Math.Ceiling(K / 8))
    {
        TableBytes = B * K * StagedMaximaKernel.GroupItems * Row, TableSize = Items,
        CacheBytes = B * K * StagedMaximaKernel.GroupItems * Number, Operations = 2 * B * K * StagedMaximaKernel.GroupItems * L,
    };

    // Each candidate compared with each: a few more than K; a warp reads the same number.
    private KernelCost TopItems => new("top items", B)
    {
        CacheBytes = 3 * B * K * StagedMaximaKernel.GroupItems * Number, Operations = 3 * B * K * K,
        NearSteps = Threads + (Math.Ceiling(K / Threads) * K / Unrolled), FarSteps = 2 * K * StagedMaximaKernel.GroupItems / Threads / Unrolled,
    };

    // Two sums of K in double precision whose order is fixed, the second with a division and one thread at work.
    private KernelCost MixtureHead => new("mixture head", B)
    {
        CacheBytes = B * K * 10 * Number, Operations = B * K * 200, NearSteps = (K / Unrolled) + (2 * K), FarSteps = K / Unrolled,
    };

    // Rows are read twice, the second time out of the cache; what a part of 128 draws finds is one loop over them.
    private KernelCost SampledPass(double lookedUp) => new("sampled pass", B * Parts)
    {
        TableBytes = B * S * Row, TableSize = Items, CacheBytes = (B * S * (Row + lookedUp + Sector)) + (B * Parts * SumTeams * 2 * Row),
        Operations = B * S * ((4 * L) + ExpOperations + DrawOperations), NearSteps = 3 * SampledShape.Part / Unrolled,
        FarSteps = Math.Ceiling(SampledShape.Part / (Threads / 8)) + (SampledShape.Part / SumTeams / Unrolled),
    };

    private KernelCost SampledJoin => new("sampled join", B)
    {
        CacheBytes = B * Parts * SumTeams * 2 * Row, Operations = B * Parts * SumTeams * 4 * L, FarSteps = (2 * Parts) + (Parts * SumTeams * 2 / Unrolled),
    };

    // Scores and weighted sums, 2·P·L each a query, and the exponentials. Rows are read twice, sums of a piece once a block;
    // maximum and sum of a block go through its items one by one, and once more where weights are kept.
    private KernelCost CataloguePass(bool keeps) => new("catalogue pass", Pieces)
    {
        TableBytes = (Sets * Items) + (keeps ? Lanes * P * Number : 0), TableSize = Items + (keeps ? Lanes * P * Number : 0),
        CacheBytes = (Sets * Items) + (2 * Blocks * (2 + L) * Lanes * Number),
        Operations = Lanes * P * ((4 * L) + ExpOperations + 4),
        NearSteps = Sets * PieceBlocks * CatalogueShape.MostBlockItems * (keeps ? 3 : 2) / Unrolled,
    };

    private KernelCost CatalogueJoin => new("catalogue join", Sets * Matrix.PaddedLength(L))
    {
        CacheBytes = Matrix.PaddedLength(L) * Pieces * Lanes * 4 * Number, Operations = Matrix.PaddedLength(L) * Pieces * Lanes * (ExpOperations + 4),
        FarSteps = 2 * Pieces / Unrolled,
    };

    private KernelCost ExactGradient => new("exact gradient", B)
    {
        TableBytes = B * Rewarded * Row, TableSize = Items, CacheBytes = B * ((Rewarded * Row) + (6 * Row)), Operations = 4 * B * Rewarded * L,
        FarSteps = (L / 4.0 / Unrolled) + (Rewarded / Unrolled),
    };

    private KernelCost CumulativeMass => new("cumulative mass", B)
    {
        CacheBytes = B * Blocks * (Sector + Sector + 24), Operations = B * Blocks * 40, NearSteps = Threads / Unrolled,
        FarSteps = 2 * Math.Ceiling(Blocks / Threads),
    };

    // After a search among the blocks, on average half a block is gone through, an item a sector, until the draw is found.
    private KernelCost PolicyDraws => new("policy draws", B * Parts)
    {
        TableBytes = B * S * CatalogueShape.MostBlockItems / 2 * Sector, TableSize = Lanes * P * Number,
        CacheBytes = B * S * Math.Log2(Blocks) * Sector, Operations = B * S * (DrawOperations + CatalogueShape.MostBlockItems),
        FarSteps = Math.Log2(Blocks) + (CatalogueShape.MostBlockItems / 2),
    };

    // Three tables of [L, L] read and written; every group reads all of G. The first adds up what contexts say of themselves.
    private KernelCost Ascent => new("outer product and Adam", L)
    {
        CacheBytes = L * ((6 * Row) + (B * Row)), Operations = L * L * ((2 * B) + 20), FarSteps = 3 + (4 * B / Unrolled),
    };
}
