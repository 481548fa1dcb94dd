using System.Text;
using System.Text.Json;

namespace KernelPolicy.Cli.Study;

/// <summary>The answer to one question: tables, figures, and their files.</summary>
/// <param name="Question">The question.</param>
/// <param name="Shown">Tables for people.</param>
/// <param name="Tables">Tables for other programs.</param>
/// <param name="Points">Every measurement behind them.</param>
/// <param name="Figures">The figures.</param>
internal sealed record QuestionSection(
    ResearchQuestion Question, IReadOnlyList<StudyTable> Shown, IReadOnlyList<StudyTable> Tables, StudyTable Points, IReadOnlyList<StudyFigure> Figures)
{
    /// <summary>Whether nothing has been measured for it.</summary>
    public bool IsEmpty => Points.Rows.Count == 0;

    /// <summary>Answers a question with what was measured.</summary>
    public static QuestionSection Create(StudyResults results, ResearchQuestion question)
    {
        bool isSteps = question.Kind == CellKind.Steps;
        List<StudyTable> tables = [isSteps ? StepAnswer.Summary(results, question) : LearningAnswer.Summary(results, question)];
        if (question.Key == "rq2")
            tables.Add(LearningAnswer.WithinTime(results, question));
        return new QuestionSection(
            question,
            isSteps ? [.. question.Catalogues.Select(catalogue => StepAnswer.ByDimension(results, question, catalogue))] : tables,
            tables,
            isSteps ? StepAnswer.Points(results, question) : LearningAnswer.Points(results, question),
            [
                .. question.Catalogues
                    .Select(catalogue => isSteps ? StudyPlots.SpeedUps(results, question, catalogue) : StudyPlots.Curves(results, question, catalogue))
                    .OfType<StudyFigure>(),
            ]);
    }

    /// <summary>Its files by name: CSV of each table and of the points, JSON of all, SVG of each figure.</summary>
    public IEnumerable<(string Name, byte[] Content)> Files()
    {
        foreach (StudyTable table in Tables.Append(Points))
            yield return ($"{Question.Key}-{table.Name.Replace('_', '-')}.csv", Encoding.UTF8.GetBytes(table.Csv()));
        yield return ($"{Question.Key}.json", Json());
        foreach (StudyFigure figure in Figures)
            yield return ($"{figure.Name}.svg", Encoding.UTF8.GetBytes(figure.Svg));
    }

    private byte[] Json()
    {
        using MemoryStream stream = new();
        using (Utf8JsonWriter json = new(stream, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartObject();
            json.WriteString("question", Question.Title);
            json.WriteString("setting", Question.Setting);
            foreach (StudyTable table in Tables.Append(Points))
                table.WriteTo(json);
            json.WriteEndObject();
        }

        return stream.ToArray();
    }
}
