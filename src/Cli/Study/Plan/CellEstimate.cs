using KernelPolicy.Policy;

namespace KernelPolicy.Cli.Study;

/// <summary>What a cell is expected to take, before anything was measured: for the list of cells, and for the time left, which
/// corrects it by what the cells so far took.</summary>
/// <param name="Seconds">On two cores with vectors of 512 bits.</param>
/// <param name="Bytes">Memory while it runs.</param>
internal sealed record CellEstimate(double Seconds, double Bytes)
{
    // Measured on two virtual cores of an AMD EPYC (README, "How fast"), in seconds for each of B·P·L numbers, B·(items looked at)·L
    // numbers, or candidates of a graph.
    private const double ReinforceNumber = 42e-12;
    private const double ExactNumber = 20e-12;
    private const double ScanNumber = 8.5e-12;
    private const double GatherNumber = 0.4e-9;
    private const double Candidate = 0.4e-6;
    private const int CandidatesBeside = 12;
    private const double Fixed = 0.1e-3;
    private const double BuildItem = 50e-6;
    private const double BuildNumber = 0.4e-6;
    private const double SvdNumber = 20e-9;
    private const double OrthonormalNumber = 2e-9;
    private const double DrawnPair = 0.4e-6;
    private const double WorkloadNumber = 2e-9;
    private const int WarmupSteps = 30;
    private const int EfSearch = 64;
    private const int GraphBytesPerItem = 400;
    private const int PairBytes = 40;

    /// <summary>Estimates a cell, with its share of what cells of one catalogue and seed do together.</summary>
    /// <param name="cell">The cell.</param>
    /// <param name="settings">The study's sizes.</param>
    /// <param name="isGraph">Whether its index is a graph.</param>
    public static CellEstimate Of(StudyCell cell, StudySettings settings, bool isGraph)
    {
        double p = cell.Catalogue.Items, l = cell.Dimension, step = StepSeconds(cell, settings.BatchSize, isGraph);
        double table = p * Kernels.Matrix.PaddedLength(cell.Dimension) * sizeof(float);
        double graph = isGraph ? p * (GraphBytesPerItem + l) : 0;
        double build = isGraph ? p * (BuildItem + (BuildNumber * l)) : 0;
        if (cell.Kind == CellKind.Steps)
        {
            double timed = (WarmupSteps + (2 * settings.TimedSteps)) * step;
            // Paths over a graph share one, and all share the items.
            return new CellEstimate(timed + (build / 3) + (p * l * WorkloadNumber / 4) + 0.1, table + graph);
        }

        double users = Math.Max(1, 0.8 * cell.Catalogue.Users), test = Math.Min(settings.TestUsers, 0.1 * cell.Catalogue.Users);
        double look = test / settings.BatchSize * Search(1, p, l, settings.BatchSize, isGraph);
        bool moves = cell.Method.Items is LearnedItems;
        double embedding = (cell.Catalogue.Interactions * l * SvdNumber) + ((p + users) * l * l * OrthonormalNumber);
        double drawn = cell.Catalogue.Interactions * DrawnPair;
        return new CellEstimate(
            (settings.Epochs * ((users / settings.BatchSize * step) + look)) + build + ((embedding + drawn) / 20) + 0.2,
            (table * (moves ? 5 : 3)) + graph + (cell.Catalogue.Interactions * (double)PairBytes));
    }

    private static double StepSeconds(StudyCell cell, int batch, bool isGraph)
    {
        double p = cell.Catalogue.Items, l = cell.Dimension, all = batch * p * l;
        return Fixed + cell.Method.Estimator switch
        {
            ReinforceOptions => ReinforceNumber * all,
            ExactOptions => ExactNumber * all,
            UniformOptions uniform => GatherNumber * batch * uniform.Samples * l,
            MixtureOptions mixture => Search(mixture.TopK, p, l, batch, isGraph) + (GatherNumber * batch * (mixture.Samples + mixture.TopK) * l),
            StrataOptions strata => Search(strata.TopK, p, l, batch, isGraph)
                + (GatherNumber * batch * strata.TopK * l * (cell.Method.Items is LearnedItems ? 4 : 1)),
            _ => 0,
        };
    }

    private static double Search(int topK, double items, double dimension, int batch, bool isGraph) => isGraph
        ? batch * Candidate * (Math.Max(EfSearch, topK) + CandidatesBeside)
        : ScanNumber * batch * items * dimension;
}
