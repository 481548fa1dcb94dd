using System.Globalization;
using KernelPolicy.Policy;

namespace KernelPolicy.Cli.Study;

/// <summary>A claim of the paper, and what became of it here.</summary>
/// <param name="Claim">What it says.</param>
/// <param name="Measured">What was measured.</param>
/// <param name="Verdict">confirmed, refuted, or open.</param>
internal sealed record PaperClaim(string Claim, string Measured, string Verdict);

/// <summary>Judges the paper's claims by what was measured, catalogue by catalogue. A difference counts where it is more than two standard
/// errors; of one seed, none does.</summary>
internal static class PaperClaims
{
    private const double Errors = 2;
    private const double LeastSpeedUp = 5;

    // Of the order of the paper's: a smaller catalogue cannot refute what is said of a large one.
    private const int LeastItems = 500_000;

    // K "big enough to cover most of the top candidates", and what is robust: rewards within a twentieth.
    private const int BigEnoughK = 64;
    private const double RobustShare = 0.05;

    private const string Confirmed = "confirmed";
    private const string Refuted = "refuted";
    private const string Open = "open";

    /// <summary>Judges those on which there are figures.</summary>
    public static IReadOnlyList<PaperClaim> Judge(StudyResults results)
    {
        List<PaperClaim> claims = [];
        foreach (ResearchQuestion question in results.Plan.Questions)
        {
            foreach (StudyCatalogue catalogue in question.Catalogues)
            {
                IEnumerable<PaperClaim?> judged = question.Kind == CellKind.Steps
                    ? [SpeedUp(results, question, catalogue)]
                    : Learning(question.Key, LearningAnswer.Curves(results, question, catalogue), LearningAnswer.Baseline(results, question, catalogue));
                string suffix = question.Catalogues.Count > 1 ? $" ({catalogue.Title})" : "";
                claims.AddRange(judged.OfType<PaperClaim>().Select(claim => claim with { Claim = claim.Claim + suffix }));
            }
        }

        return claims;
    }

    private static PaperClaim? SpeedUp(StudyResults results, ResearchQuestion question, StudyCatalogue catalogue)
    {
        // At each L the better of the index's two paths, as its user would choose.
        double[] best =
        [
            .. question.Methods.Where(m => m.Estimator is MixtureOptions)
                .SelectMany(m => StepAnswer.SpeedUps(results, question, catalogue, m))
                .GroupBy(p => p.Dimension)
                .Select(p => p.Max(s => s.SpeedUp.Mean)),
        ];
        if (best.Length == 0)
            return null;
        bool isOfPaper = catalogue.Items >= LeastItems;
        string range = $"{Times(best.Min())} to {Times(best.Max())} over L, P = {catalogue.Items.ToString("N0", CultureInfo.InvariantCulture)}"
            + (isOfPaper ? "" : "; the gain grows with P, and the paper's are 750,000 and more");
        string verdict = best.Min() >= LeastSpeedUp ? Confirmed : isOfPaper && best.Max() < LeastSpeedUp ? Refuted : Open;
        return new PaperClaim("RQ1: a step of the mixture is 5 to 30 times as fast as REINFORCE's", range, verdict);
    }

    private static IEnumerable<PaperClaim?> Learning(string question, IReadOnlyList<SeedCurves> curves, SeedCurves reinforce) => question switch
    {
        "rq2" => [AsGood(curves, reinforce), UniformIsWorse(curves), WithinTime(curves)],
        "rq3" => [RobustToK(curves)],
        "rq4" => [MoreSamplesLearnMore(curves)],
        ResearchQuestion.Ours => [Ours(curves, reinforce)],
        "items" => [FixedItems(curves)],
        _ => [],
    };

    private static PaperClaim? AsGood(IReadOnlyList<SeedCurves> curves, SeedCurves reinforce)
    {
        if (BestMixture(curves) is not { } best || best.EndLess(reinforce) is not { Count: > 0 } less)
            return null;
        return new PaperClaim(
            "RQ2: the best mixture ends at least as well as REINFORCE",
            $"{best.Method.Label}: {Difference(less)}; an epoch {Times(best.FasterThan(reinforce).Mean)} as fast",
            Verdict(less, isClaimed: less.Mean >= -Errors * less.Error));
    }

    private static PaperClaim? UniformIsWorse(IReadOnlyList<SeedCurves> curves)
    {
        if (BestMixture(curves) is not { } best || Of<UniformOptions>(curves).FirstOrDefault() is not { } uniform
            || uniform.EndLess(best) is not { Count: > 0 } less)
        {
            return null;
        }

        return new PaperClaim(
            "RQ2: the uniform proposal is far from optimal",
            $"{Difference(less)} against {best.Method.Label}; an epoch {Times(uniform.FasterThan(best).Mean)} as fast",
            Verdict(less, isClaimed: less.Mean < -Errors * less.Error));
    }

    private static PaperClaim? WithinTime(IReadOnlyList<SeedCurves> curves)
    {
        if (Of<UniformOptions>(curves).FirstOrDefault() is not { } uniform)
            return null;
        (SeedCurves Curves, Statistic Less)? best = Of<MixtureOptions>(curves)
            .Select(c => ((SeedCurves, Statistic)?)(c, c.WithinLess(uniform)))
            .Where(c => c!.Value.Item2.Count > 0)
            .MaxBy(c => c!.Value.Item2.Mean);
        if (best is not { } found)
            return null;
        return new PaperClaim(
            "RQ2, table 2: in the uniform proposal's time a well-chosen mixture learns more",
            $"{found.Curves.Method.Label}, {Statistic.Number(found.Curves.EpochsWithin(uniform).Mean, 0)} epochs: {Difference(found.Less)}",
            Verdict(found.Less, isClaimed: found.Less.Mean > Errors * found.Less.Error));
    }

    private static PaperClaim? RobustToK(IReadOnlyList<SeedCurves> curves)
    {
        SeedCurves[] large = [.. Of<MixtureOptions>(curves).Where(c => c.Method.Estimator.RetrievedItems >= BigEnoughK)];
        if (large.Length < 2)
            return null;
        double[] ends = [.. large.Select(c => c.End.Mean)];
        double spread = (ends.Max() - ends.Min()) / ends.Average();
        return new PaperClaim(
            $"RQ3: what is learned hardly depends on K, from {BigEnoughK} on",
            $"R_test from {Statistic.Number(ends.Min(), 4)} to {Statistic.Number(ends.Max(), 4)}, {spread.ToString("P1", CultureInfo.InvariantCulture)} apart",
            spread <= RobustShare ? Confirmed : Refuted);
    }

    private static PaperClaim? MoreSamplesLearnMore(IReadOnlyList<SeedCurves> curves)
    {
        SeedCurves[] ordered = [.. Of<MixtureOptions>(curves).OrderBy(c => ((MixtureOptions)c.Method.Estimator).Samples)];
        if (ordered.Length < 2 || ordered[^1].EndLess(ordered[0]) is not { Count: > 0 } more)
            return null;
        return new PaperClaim(
            "RQ4: more samples end better",
            $"{ordered[^1].Method.Label} against {ordered[0].Method.Label}: {Difference(more)}; an epoch takes {Times(ordered[0].FasterThan(ordered[^1]).Mean)} as long",
            Verdict(more, isClaimed: more.Mean > Errors * more.Error));
    }

    private static PaperClaim? Ours(IReadOnlyList<SeedCurves> curves, SeedCurves reinforce)
    {
        SeedCurves? strata = Of<StrataOptions>(curves).FirstOrDefault();
        if (strata is null || strata.EndLess(reinforce) is not { Count: > 0 } less)
            return null;
        return new PaperClaim(
            "Ours: strata with few draws end at least as well as REINFORCE, and faster than the mixture",
            $"{strata.Method.Label}: {Difference(less)}; an epoch {Times(strata.FasterThan(reinforce).Mean)} as fast as REINFORCE's"
            + (Of<MixtureOptions>(curves).FirstOrDefault() is { } mixture ? $", {Times(strata.FasterThan(mixture).Mean)} as the mixture's" : ""),
            Verdict(less, isClaimed: less.Mean >= -Errors * less.Error
                && Of<MixtureOptions>(curves).All(mixture => strata.FasterThan(mixture).Mean > 1)));
    }

    private static PaperClaim? FixedItems(IReadOnlyList<SeedCurves> curves)
    {
        SeedCurves? still = curves.FirstOrDefault(c => c.Method.Items is FrozenItems);
        SeedCurves? best = curves.Where(c => c.Method.Items is not FrozenItems).MaxBy(c => c.End.Mean);
        if (still is null || best is null || best.EndLess(still) is not { Count: > 0 } more)
            return null;
        return new PaperClaim(
            "Assumption 1: fixing β is reasonable",
            $"best of those that learn ({best.Method.Label}) against a fixed β: {Difference(more)}; an epoch takes {Times(still.FasterThan(best).Mean)} as long",
            Verdict(more, isClaimed: more.Mean <= Errors * more.Error));
    }

    // ε between its ends: at 0 the estimate is biased however many draws are made, at 1 it is the uniform proposal.
    private static SeedCurves? BestMixture(IReadOnlyList<SeedCurves> curves) =>
        Of<MixtureOptions>(curves).Where(c => c.Method.Estimator is MixtureOptions { Epsilon: > 0 }).MaxBy(c => c.End.Mean);

    private static IEnumerable<SeedCurves> Of<T>(IReadOnlyList<SeedCurves> curves) => curves.Where(c => c.Method.Estimator is T);

    private static string Verdict(Statistic difference, bool isClaimed) =>
        double.IsNaN(difference.Error) ? Open : isClaimed ? Confirmed : Refuted;

    private static string Difference(Statistic difference) => (difference.Mean >= 0 ? "+" : "") + difference.Text(4);

    private static string Times(double ratio) => $"{Statistic.Number(ratio, -2)} ×";
}
