using System.Diagnostics;
using System.Globalization;
using KernelPolicy.Kernels;

namespace KernelPolicy.Data;

/// <summary>Draws the decisions of a <see cref="SyntheticBandit"/>'s logging policy.</summary>
/// <remarks>Decisions are drawn context by context, so that each context's propensities are computed once; their draws are
/// named by decision, so that the order does not show.</remarks>
internal static class SyntheticDecisions
{
    private const long DecisionStep = 35;
    private const uint ContextDraw = 0;
    private const uint ActionDraw = 1;
    private const uint RewardDraw = 2;

    public static (BanditLog Log, int[] Contexts) Draw(SyntheticBandit bandit, int decisions, ulong seed)
    {
        long start = Stopwatch.GetTimestamp();
        int[] contexts = new int[decisions];
        int[] order = new int[decisions];
        for (int i = 0; i < decisions; i++)
        {
            contexts[i] = Draws(seed, i).Below(ContextDraw, bandit.ContextCount);
            order[i] = i;
        }

        Array.Sort((int[])contexts.Clone(), order);
        int[] actions = new int[decisions];
        double[] propensities = new double[decisions];
        double[] rewards = new double[decisions];
        double[] probabilities = new double[bandit.ItemCount];
        double[] cumulative = new double[bandit.ItemCount];
        int before = -1;
        foreach (int i in order)
        {
            if (contexts[i] != before)
            {
                bandit.LoggingProbabilities(contexts[i], probabilities);
                Accumulate(probabilities, cumulative);
                before = contexts[i];
            }

            RandomDraws draws = Draws(seed, i);
            actions[i] = InverseTransform.FirstAbove(cumulative, draws.Uniform(ActionDraw) * cumulative[^1]);
            propensities[i] = probabilities[actions[i]];
            rewards[i] = draws.Uniform(RewardDraw) < bandit.RewardProbability(contexts[i], actions[i]) ? 1 : 0;
        }

        return (Log(bandit, new BanditDecisions(actions, rewards) { Propensities = propensities }, contexts, start), contexts);
    }

    private static RandomDraws Draws(ulong seed, int decision) => new(seed, RandomPurpose.Synthetic, DecisionStep, decision);

    private static void Accumulate(double[] probabilities, double[] cumulative)
    {
        double sum = 0;
        for (int item = 0; item < probabilities.Length; item++)
            cumulative[item] = sum += probabilities[item];
    }

    private static BanditLog Log(SyntheticBandit bandit, BanditDecisions decisions, int[] contexts, long start)
    {
        Matrix features = new(contexts.Length, bandit.Contexts.Columns);
        for (int i = 0; i < contexts.Length; i++)
            bandit.Contexts.PaddedRow(contexts[i]).CopyTo(features.PaddedRow(i));
        FeatureEncoding encoding = new(
            false, [.. Enumerable.Range(0, features.Columns).Select(j => new EncodedColumn($"feature_{j}", null))]);
        string[] ids = [.. Enumerable.Range(0, bandit.ItemCount).Select(i => i.ToString(CultureInfo.InvariantCulture))];
        BanditLogReport report = new()
        {
            Source = "synthetic",
            RowsRead = contexts.Length,
            Decisions = contexts.Length,
            Items = ids.Length,
            ItemsNeverTaken = ids.Length - decisions.Actions.Distinct().Count(),
            Features = encoding.Dimension,
            Rewarded = decisions.Rewards.Count(r => r != 0),
            MeanReward = decisions.Rewards.Average(),
            LeastPropensity = decisions.Propensities!.Min(),
            GreatestPropensity = decisions.Propensities!.Max(),
            Seconds = Stopwatch.GetElapsedTime(start).TotalSeconds,
        };
        return new BanditLog(decisions, features, encoding, null, ids, report);
    }
}
