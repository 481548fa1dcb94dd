namespace KernelPolicy.Cli.Study;

/// <summary>A claim of the paper, and what became of it here.</summary>
/// <param name="Claim">What it says.</param>
/// <param name="Measured">What was measured.</param>
/// <param name="Verdict">confirmed, refuted, or undecided.</param>
internal sealed record PaperClaim(string Claim, string Measured, string Verdict);
