using KernelPolicy.Policy;

namespace KernelPolicy.Cli.Commands;

/// <summary>How a policy fares, as --json writes it; where a figure is not known it is null.</summary>
/// <param name="Items">P.</param>
/// <param name="Users">Users evaluated on.</param>
/// <param name="UsersLeftOut">Users left out, since the policy knows none of their items in one of the halves.</param>
/// <param name="UnknownItems">Items of the data that the policy does not know.</param>
/// <param name="Part">Which part of the users.</param>
/// <param name="Index">exact or hnsw.</param>
/// <param name="RewardExact">Reward of the best item of all.</param>
/// <param name="RewardIndex">Reward of the best item that the index finds.</param>
/// <param name="PopularityReward">Reward of always recommending the most popular item that is not in the history.</param>
/// <param name="BestPossibleReward">The best reward that anyone can expect; known for synthetic logs alone.</param>
/// <param name="IndexRecall">Share of the exact top K that the index finds.</param>
/// <param name="IndexRecallK">That K.</param>
/// <param name="TopN">The first N recommendations, by the index.</param>
internal sealed record EvaluateReport(
    int Items,
    int Users,
    int UsersLeftOut,
    int UnknownItems,
    string Part,
    string Index,
    double RewardExact,
    double RewardIndex,
    double PopularityReward,
    double BestPossibleReward,
    double IndexRecall,
    int IndexRecallK,
    IReadOnlyList<TopNFigures> TopN);
