using KernelPolicy.Cli.Study;

namespace KernelPolicy.Cli.Commands;

/// <summary>What a study came to, as --json writes it.</summary>
/// <param name="Folder">Where everything is.</param>
/// <param name="Report">The report for people.</param>
/// <param name="Files">The figures behind it, and its plots.</param>
/// <param name="Cells">Cells of the plan.</param>
/// <param name="Measured">Cells measured by this run.</param>
/// <param name="Missing">Cells that have no figures yet.</param>
/// <param name="Seconds">Seconds that this run took.</param>
/// <param name="Claims">What became of the paper's claims.</param>
internal sealed record StudyReport(
    string Folder, string Report, IReadOnlyList<string> Files, int Cells, int Measured, int Missing, double Seconds,
    IReadOnlyList<PaperClaim> Claims);

/// <summary>The cells of a study, as --list --json writes them.</summary>
/// <param name="Cells">The cells, in the order in which they are measured.</param>
/// <param name="Hours">Hours that those which are left are expected to take.</param>
internal sealed record StudyListReport(IReadOnlyList<ListedCell> Cells, double Hours);

/// <summary>A cell of the list.</summary>
/// <param name="Name">Its name.</param>
/// <param name="State">measured, to measure, left out (by --only), or too large.</param>
/// <param name="Seconds">Seconds that it is expected to take; that it took, where it is measured.</param>
/// <param name="Gib">Memory that it is expected to need, in GiB.</param>
internal sealed record ListedCell(string Name, string State, double Seconds, double Gib);
