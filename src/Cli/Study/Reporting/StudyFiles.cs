using System.Text;
using KernelPolicy.Files;

namespace KernelPolicy.Cli.Study;

/// <summary>What a study leaves beside its cells.</summary>
/// <param name="Results">What it is made of.</param>
/// <param name="Names">The files, without the report.</param>
/// <param name="Claims">What became of the paper's claims.</param>
internal sealed record StudyFiles(StudyResults Results, IReadOnlyList<string> Names, IReadOnlyList<PaperClaim> Claims)
{
    /// <summary>Writes them: the report alone by itself is whole, the others are for further use.</summary>
    public static StudyFiles Write(StudyResults results, StudyFolder folder)
    {
        QuestionSection[] sections = [.. results.Plan.Questions.Select(question => QuestionSection.Create(results, question))];
        IReadOnlyList<PaperClaim> claims = PaperClaims.Judge(results);
        List<string> names = [];
        foreach ((string name, byte[] content) in sections.Where(section => !section.IsEmpty).SelectMany(section => section.Files()))
        {
            names.Add(folder.Result(name));
            AtomicFile.Write(names[^1], stream => stream.Write(content));
        }

        string html = StudyHtml.Create(results, folder.Identity(), sections, claims);
        AtomicFile.Write(folder.Report, stream => stream.Write(Encoding.UTF8.GetBytes(html)));
        return new StudyFiles(results, names, claims);
    }
}
