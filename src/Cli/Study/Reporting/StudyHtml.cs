using System.Globalization;
using System.Net;
using System.Text;
using KernelPolicy.Cli.Plots;

namespace KernelPolicy.Cli.Study;

/// <summary>The report for people: one page that needs nothing from outside, neither script, font nor picture.</summary>
internal static class StudyHtml
{
    private const string Style = """
        :root { color-scheme: light; }
        body { font: 15px/1.5 "DejaVu Sans", Verdana, "Segoe UI", sans-serif; color: #1a1a1a; background: #fff; max-width: 1120px; margin: 2rem auto; padding: 0 1rem; }
        h1 { font-size: 1.7rem; margin-bottom: .2rem; } h2 { font-size: 1.25rem; margin: 2.6rem 0 .2rem; border-top: 1px solid #ccc; padding-top: 1.2rem; }
        p.setting, p.caption, figcaption, footer { color: #555; font-size: .87rem; } nav a { margin-right: 1.1rem; } a { color: #0072b2; }
        figure { margin: 1rem 0; } svg { width: 100%; height: auto; display: block; }
        .wide { overflow-x: auto; } table { border-collapse: collapse; font-size: .8rem; margin: .6rem 0; font-variant-numeric: tabular-nums; }
        th, td { padding: .22rem .6rem; text-align: right; white-space: nowrap; } th { border-bottom: 1.5px solid #444; vertical-align: bottom; white-space: normal; font-weight: 600; }
        td { border-bottom: 1px solid #e6e6e6; } th.text, td.text { text-align: left; } table.claims td { white-space: normal; text-align: left; }
        tr.group td { border-top: 2px solid #999; }
        .confirmed { color: #00694d; font-weight: 600; } .refuted { color: #b04a00; font-weight: 600; } .open { color: #555; }
        .missing { background: #fff6e5; border-left: 4px solid #e69f00; padding: .5rem .9rem; }
        @media print { body { margin: 0; max-width: none; } h2 { break-before: page; } figure, table { break-inside: avoid; } }
        """;

    /// <summary>Writes the page.</summary>
    public static string Create(
        StudyResults results, StudyIdentity identity, IReadOnlyList<QuestionSection> sections, IReadOnlyList<PaperClaim> claims)
    {
        StringBuilder html = new();
        html.Append("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width\">\n")
            .Append("<title>Fast offline policy optimisation, repeated</title>\n<style>\n").Append(Style).Append("\n</style>\n</head>\n<body>\n");
        html.Append("<h1>Fast offline policy optimisation, repeated</h1>\n<p>The experiments of Sakhi, Rohde and Gilotte, ")
            .Append("<i>Fast Offline Policy Optimization for Large Scale Recommendation</i>, by <code>kernelpolicy study</code>.</p>\n");
        if (results.Missing > 0)
            html.Append(CultureInfo.InvariantCulture, $"<p class=\"missing\">{results.Missing} of {results.Plan.Cells.Count} cells have not been measured; tables and figures show the others.</p>\n");
        WriteMissing(html, results);
        html.Append("<nav>");
        foreach (QuestionSection section in sections)
            html.Append(CultureInfo.InvariantCulture, $"<a href=\"#{section.Question.Key}\">{Name(section.Question)}</a>");
        html.Append("</nav>\n");
        WriteClaims(html, claims);
        int figure = 0, table = 0;
        foreach (QuestionSection section in sections)
            WriteSection(html, section, ref figure, ref table);
        WriteHow(html, results, identity);
        return html.Append("</body>\n</html>\n").ToString();
    }

    private static void WriteMissing(StringBuilder html, StudyResults results)
    {
        foreach (CellResult failed in results.All.Where(cell => cell.Failure is not null))
            html.Append(CultureInfo.InvariantCulture, $"<p class=\"missing\">{Text(failed.Cell)}: {Text(failed.Failure!)}</p>\n");
        foreach (StudyCell cell in results.Plan.Cells)
        {
            if (StudyMemory.WhyTooLarge(CellEstimate.Of(cell, results.Plan.Settings, StudyIndex.IsGraph(cell))) is { } reason)
                html.Append(CultureInfo.InvariantCulture, $"<p class=\"missing\">{Text(cell.Name)} {Text(reason)}.</p>\n");
        }
    }

    private static void WriteClaims(StringBuilder html, IReadOnlyList<PaperClaim> claims)
    {
        if (claims.Count == 0)
            return;
        html.Append("<h2>What came of the paper’s claims</h2>\n<p class=\"caption\">A difference counts where it is more than two standard errors; ")
            .Append("of one seed, none does. Rewards are shares of test users.</p>\n<table class=\"claims\">\n<tr><th class=\"text\">claim</th><th class=\"text\">measured here</th><th></th></tr>\n");
        foreach (PaperClaim claim in claims)
            html.Append(CultureInfo.InvariantCulture, $"<tr><td>{Text(claim.Claim)}</td><td>{Text(claim.Measured)}</td><td class=\"{claim.Verdict}\">{claim.Verdict}</td></tr>\n");
        html.Append("</table>\n");
    }

    private static void WriteSection(StringBuilder html, QuestionSection section, ref int figure, ref int table)
    {
        html.Append(CultureInfo.InvariantCulture, $"<h2 id=\"{section.Question.Key}\">{Name(section.Question)}: {Text(section.Question.Title)}</h2>\n");
        html.Append(CultureInfo.InvariantCulture, $"<p class=\"setting\">{Text(section.Question.Setting)}</p>\n");
        if (section.IsEmpty)
        {
            html.Append("<p>Nothing has been measured yet.</p>\n");
            return;
        }

        foreach (StudyFigure drawn in section.Figures)
        {
            figure++;
            html.Append("<figure>\n").Append(SvgPicture.Inline(drawn.Svg, drawn.Name + "-", drawn.Title));
            html.Append(CultureInfo.InvariantCulture, $"<figcaption>Figure {figure}. {Text(drawn.Title)} {Band(section.Question)}</figcaption>\n</figure>\n");
        }

        foreach (StudyTable shown in section.Shown.Where(t => t.Rows.Count > 0))
        {
            table++;
            WriteTable(html, shown, table);
        }

        html.Append("<p class=\"caption\">Behind it: ");
        html.AppendJoin(", ", section.Files().Select(file => $"<a href=\"{file.Name}\">{file.Name}</a>")).Append("</p>\n");
    }

    private static void WriteTable(StringBuilder html, StudyTable table, int number)
    {
        // Where all rows are of one catalogue its column says nothing, and names of files are for those who open them.
        int[] shown =
        [
            .. Enumerable.Range(0, table.Columns.Count).Where(i => table.Columns[i].Key != "method"
                && (table.Columns[i].Key is not ("catalogue" or "items") || table.Rows.Select(row => row[0]).Distinct().Count() > 1)
                && table.Rows.Any(row => StudyTable.Text(row[i], table.Columns[i]) != "–")),
        ];
        html.Append(CultureInfo.InvariantCulture, $"<p class=\"caption\">Table {number}. {Text(table.Caption)}</p>\n<div class=\"wide\"><table>\n<tr>");
        foreach (int i in shown)
            html.Append(CultureInfo.InvariantCulture, $"<th{Class(i)}>{Text(table.Columns[i].Heading)}</th>");
        html.Append("</tr>\n");
        object?[]? before = null;
        foreach (object?[] row in table.Rows)
        {
            bool begins = before is not null && table.Columns[0].Key == "catalogue" && !Equals(before[0], row[0]);
            html.Append(begins ? "<tr class=\"group\">" : "<tr>");
            foreach (int i in shown)
                html.Append(CultureInfo.InvariantCulture, $"<td{Class(i)}>{Text(StudyTable.Text(row[i], table.Columns[i]))}</td>");
            html.Append("</tr>\n");
            before = row;
        }

        html.Append("</table></div>\n");

        string Class(int column) => table.Rows[0][column] is string ? " class=\"text\"" : "";
    }

    private static void WriteHow(StringBuilder html, StudyResults results, StudyIdentity identity)
    {
        StudySettings settings = results.Plan.Settings;
        html.Append("<h2 id=\"how\">How it was measured</h2>\n<table>\n");
        foreach (StudyCatalogue catalogue in settings.Catalogues)
        {
            Row(
                catalogue.Title,
                $"P = {catalogue.Items:N0} items, {catalogue.Users:N0} users, {(identity.Data.Count == 0 ? "some " : "")}{catalogue.Interactions:N0} interactions; "
                + $"learning rate {catalogue.LearningRate.ToString(CultureInfo.InvariantCulture)}"
                + (identity.Data.Count == 0 ? "; drawn, with popularity and norms like those of real data" : ""));
        }

        string runners = string.Join(", ", results.All.Select(cell => cell.Runner).Distinct());
        Row("processor", $"{identity.Processor}, {identity.Threads} threads");
        Row("steps run on", runners.Length > 0 ? runners : identity.Device);
        Row("versions", $"kernelpolicy {identity.Version}, {identity.Runtime}, {identity.System}");
        Row("seeds", $"{settings.Seeds}");
        Row("time", $"{TimeSpan.FromSeconds(results.All.Sum(cell => cell.Seconds)):d\\.hh\\:mm\\:ss} for {results.Count} cells");
        html.Append("</table>\n<p class=\"caption\">Protocol: 80 % of the users train, 10 % test; half of a user’s items is the context, the other half ")
            .Append("rewarded. β is VΣ")
            .Append(settings.SingularPower == 1 ? "" : $"^{settings.SingularPower.ToString(CultureInfo.InvariantCulture)}")
            .Append(" of a truncated SVD of the training contexts, x the mean of β over the context, Θ₀ ")
            .Append(settings.Initialisation == Policy.ThetaInitialisation.Identity ? "the identity" : "normal")
            .Append(", the optimiser Adam. R_test is the share of test users whose first recommendation, by the index that the training asked, is rewarded. Learning takes the scan or ")
            .Append("the graph (M = 32, efConstruction = 100), whichever is expected to be faster; its recall is kept at 0.99 of the softmax mass. Seconds are those of steps, without validation. Seeds differ in the split of users, the order of training and the draws. To 99 % of REINFORCE: seconds of steps until R_test is ")
            .Append("within a hundredth of where REINFORCE ends, between epochs as if it rose evenly, and only where all seeds arrive. Gradient error: on training users after the last epoch, relative to the exact gradient. ")
            .Append("Steps are timed on items drawn with norms like those of real data, each by itself, after 30 to warm up.</p>\n")
            .Append("<footer>Another machine has other times; rewards are the same wherever vectors have the same width.</footer>\n");

        void Row(string name, string value) =>
            html.Append("<tr><td class=\"text\">").Append(Text(name)).Append("</td><td class=\"text\">").Append(Text(value)).Append("</td></tr>\n");
    }

    private static string Name(ResearchQuestion question) => question.Key switch
    {
        "ours" => "Strata",
        "items" => "Fixed β",
        _ => question.Key.ToUpperInvariant(),
    };

    private static string Band(ResearchQuestion question) => question.Kind == CellKind.Steps
        ? "Bars: a standard error over seeds."
        : "Mean over seeds; bands: a standard error. Time ends where the last of the others is done, or REINFORCE where that is sooner.";

    private static string Text(string text) => WebUtility.HtmlEncode(text);
}
