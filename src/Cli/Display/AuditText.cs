using KernelPolicy.Index;
using KernelPolicy.Policy;

namespace KernelPolicy.Cli.Display;

/// <summary>Puts the audits of an index in words.</summary>
internal static class AuditText
{
    /// <summary>What was found too little and what was done about it, without a full stop.</summary>
    public static string Warning(IndexAudit audit)
    {
        RecallCheck check = audit.Check;
        string found = $"recall {Share(check.Before.MassRecall)} of the softmax mass at ef {check.EfBefore} {When(audit)}";
        if (check.Action == GuardAction.Widened)
            return $"{found}: ef raised to {check.EfAfter} ({Share(check.After.MassRecall)})";
        if (check.Action == GuardAction.Rebuilt)
            return $"{found}: items had moved, graph built anew ({Share(check.After.MassRecall)})";
        string because = check.EfTried > check.EfBefore
            ? $"even ef {check.EfTried} finds only {Share(check.MassRecallTried)}, and a wider search would cost more"
            : "a wider search would cost more";
        return $"{found}: fell back to the exact scan because {because}";
    }

    /// <summary>What the audit at an epoch's end found, to follow the epoch's other figures; empty where there was
    /// none.</summary>
    public static string Suffix(EpochResult epoch) => epoch.IndexAction is null || epoch.EfSearch is null
        ? ""
        : $", index recall {Share(epoch.IndexMassRecall)} at ef {epoch.EfSearch}";

    /// <summary>A share to three places, rounded down: what is below a bound must not look as if it were not.</summary>
    public static string Share(double share) => $"{Math.Floor((share * 1000) + 1e-9) / 1000:0.000}";

    private static string When(IndexAudit audit) => audit.Epoch switch
    {
        0 => "before training",
        { } epoch => $"after epoch {epoch}",
        null => $"after step {audit.Step:N0}",
    };
}
