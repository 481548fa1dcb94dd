namespace KernelPolicy.Cli.Study;

/// <summary>What the cells of a plan came to, as far as the folder holds them.</summary>
internal sealed class StudyResults
{
    private readonly Dictionary<string, CellResult> _results = [];

    private StudyResults(StudyPlan plan) => Plan = plan;

    /// <summary>The plan.</summary>
    public StudyPlan Plan { get; }

    /// <summary>Cells that have figures, or a reason why there are none.</summary>
    public int Count => _results.Count;

    /// <summary>Cells that the folder does not hold.</summary>
    public int Missing => Plan.Cells.Count - Count;

    /// <summary>All results, in the plan's order.</summary>
    public IEnumerable<CellResult> All => Plan.Cells.Select(cell => _results.GetValueOrDefault(cell.Name)).OfType<CellResult>();

    /// <summary>Reads a folder's cells.</summary>
    /// <exception cref="InvalidDataException">A cell's file is damaged.</exception>
    public static StudyResults Read(StudyPlan plan, StudyFolder folder)
    {
        StudyResults results = new(plan);
        foreach (StudyCell cell in plan.Cells)
        {
            if (folder.Find(cell) is { } result)
                results._results[cell.Name] = result;
        }

        return results;
    }

    /// <summary>The results of a method, those of seeds that were measured, by seed.</summary>
    public IReadOnlyList<CellResult> Of(ResearchQuestion question, StudyCatalogue catalogue, int dimension, StudyMethod method) =>
    [
        .. Enumerable.Range(1, question.Seeds)
            .Select(seed => _results.GetValueOrDefault(new StudyCell(question.Kind, catalogue, dimension, method, (ulong)seed).Name))
            .OfType<CellResult>(),
    ];

    /// <summary>Learning curves of a method, by seed.</summary>
    public IReadOnlyList<(ulong Seed, LearningFigures Figures)> Curves(
        ResearchQuestion question, StudyCatalogue catalogue, StudyMethod method) =>
    [
        .. Of(question, catalogue, question.Dimensions[0], method)
            .Where(result => result.Learning is not null)
            .Select(result => (result.Seed, result.Learning!)),
    ];

    /// <summary>Times of a method's steps, by seed.</summary>
    public IReadOnlyList<(ulong Seed, StepFigures Figures)> Steps(
        ResearchQuestion question, StudyCatalogue catalogue, int dimension, StudyMethod method) =>
    [
        .. Of(question, catalogue, dimension, method)
            .Where(result => result.Steps is not null)
            .Select(result => (result.Seed, result.Steps!)),
    ];
}
