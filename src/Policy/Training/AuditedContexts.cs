using KernelPolicy.Kernels;

namespace KernelPolicy.Policy;

/// <summary>Which training contexts an audit looks at.</summary>
internal static class AuditedContexts
{
    /// <summary>Chooses one context of each of n equal stretches: no context twice, and all parts of the data. A function of
    /// (seed, step), so that a training that was stopped audits the same.</summary>
    /// <param name="chosen">Receives the contexts [n], rising.</param>
    /// <param name="count">N, at least n.</param>
    /// <param name="seed">Seed of the training.</param>
    /// <param name="step">What tells one choice from another.</param>
    public static void Choose(Span<int> chosen, int count, ulong seed, long step)
    {
        var draws = new RandomDraws(seed, RandomPurpose.Audit, step, 0);
        int n = chosen.Length;
        for (int i = 0; i < n; i++)
        {
            int first = (int)((long)i * count / n), end = (int)((i + 1L) * count / n);
            chosen[i] = first + draws.Below((uint)i, end - first);
        }
    }
}
