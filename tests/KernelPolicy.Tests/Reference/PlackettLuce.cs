namespace KernelPolicy.Tests.Reference;

/// <summary>Draws without replacement from a softmax: the chance of an ordered slate is Π_i e^{φ_i} / (Z − Σ_{j &lt; i} e^{φ_j}).</summary>
internal static class PlackettLuce
{
    /// <summary>The chance of each place of a slate given those before it.</summary>
    /// <param name="logits">φ of all items that may be shown.</param>
    /// <param name="slate">Places in <paramref name="logits"/>.</param>
    public static double[] Propensities(IReadOnlyList<double> logits, IReadOnlyList<int> slate)
    {
        double[] weights = Softmax.Weights(logits);
        HashSet<int> taken = [];
        double[] propensities = new double[slate.Count];
        for (int i = 0; i < propensities.Length; i++)
        {
            double left = weights.Where((_, a) => !taken.Contains(a)).Sum();
            propensities[i] = weights[slate[i]] / left;
            taken.Add(slate[i]);
        }

        return propensities;
    }

    /// <summary>The chance of every ordered slate of N, with the slate.</summary>
    public static IReadOnlyList<(int[] Slate, double Chance)> All(IReadOnlyList<double> logits, int n)
    {
        List<(int[] Slate, double Chance)> slates = [([], 1)];
        for (int place = 0; place < n; place++)
        {
            slates =
            [
                .. from slate in slates
                   from item in Enumerable.Range(0, logits.Count)
                   where !slate.Slate.Contains(item)
                   let longer = slate.Slate.Append(item).ToArray()
                   select (longer, slate.Chance * Propensities(logits, longer)[place]),
            ];
        }

        return slates;
    }
}
