using System.Globalization;
using KernelPolicy.Policy;

namespace KernelPolicy.Cli.Display;

/// <summary>Puts the audits of the gradient in words.</summary>
internal static class GradientAuditText
{
    /// <summary>One line: error, bias, and what strata say of themselves.</summary>
    public static string Line(GradientAudit audit)
    {
        string when = audit.Epoch == 0 ? "before training" : $"after epoch {audit.Epoch}";
        string claimed = double.IsFinite(audit.ClaimedError) ? $", strata say {Number(audit.ClaimedError)}" : "";
        return $"gradient {when}: relative error {Number(audit.RelativeError)} ({Bias(audit)}){claimed}";
    }

    /// <summary>A number to two places that count.</summary>
    public static string Number(double value) => value.ToString("G2", CultureInfo.InvariantCulture);

    // Within two standard errors of nothing, all that is known is a bound.
    private static string Bias(GradientAudit audit)
    {
        double margin = 2 * audit.SquaredBiasError;
        return audit.SquaredBias > margin
            ? $"bias² {Number(audit.SquaredBias)} ± {Number(audit.SquaredBiasError)}"
            : $"bias² below {Number(Math.Max(0, audit.SquaredBias) + margin)}";
    }
}
