namespace KernelPolicy.Cli.Study;

/// <summary>A question, and the cells that answer it.</summary>
/// <param name="Key">rq1 to rq4, ours, items: the name of its files.</param>
/// <param name="Title">The question.</param>
/// <param name="Setting">What is held fixed, in a sentence.</param>
/// <param name="Kind">What its cells measure.</param>
/// <param name="Catalogues">On what.</param>
/// <param name="Dimensions">The L.</param>
/// <param name="Methods">By what, in the order of tables and legends.</param>
/// <param name="Seeds">Repetitions.</param>
internal sealed record ResearchQuestion(
    string Key, string Title, string Setting, CellKind Kind, IReadOnlyList<StudyCatalogue> Catalogues, IReadOnlyList<int> Dimensions,
    IReadOnlyList<StudyMethod> Methods, int Seeds)
{
    /// <summary>The key of the question on strata.</summary>
    public const string Ours = "ours";

    /// <summary>Its cells, those of a catalogue together, and of those the ones of an L, which share items and graph.</summary>
    public IEnumerable<StudyCell> Cells(ulong seed) =>
        from catalogue in Catalogues
        from dimension in Dimensions
        from method in Methods
        select new StudyCell(Kind, catalogue, dimension, method, seed);
}
