namespace KernelPolicy.Policy;

/// <summary>How a policy fares on a set of contexts.</summary>
/// <param name="Reward">R: mean reward of the first recommendation.</param>
/// <param name="Contexts">Number of contexts.</param>
/// <param name="TopN">Figures of the first N recommendations, N rising.</param>
public sealed record PolicyEvaluation(double Reward, int Contexts, IReadOnlyList<TopNFigures> TopN);

/// <summary>What the first N recommendations look like.</summary>
/// <param name="N">N.</param>
/// <param name="Reward">Mean over contexts of the summed reward of the N items.</param>
/// <param name="HitRate">Share of contexts in which at least one of the N items has a positive reward.</param>
/// <param name="Coverage">Share of the catalogue that is recommended to anyone.</param>
/// <param name="Popularity">Mean number of training interactions of a recommended item; NaN where unknown.</param>
public sealed record TopNFigures(int N, double Reward, double HitRate, double Coverage, double Popularity);
