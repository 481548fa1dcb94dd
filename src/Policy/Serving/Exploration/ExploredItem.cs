namespace KernelPolicy.Policy;

/// <summary>One place of a slate: the item, and how likely it was given the places before it.</summary>
/// <param name="Item">Its number.</param>
/// <param name="Score">f = h·β, without temperature.</param>
/// <param name="Propensity">The chance of this item at this place, given the items before it; exact, or estimated with the error
/// beside it. Of a softmax, 1/<see cref="Propensity"/> is unbiased.</param>
/// <param name="LogPropensity">Its logarithm, of use where the propensity itself underflows.</param>
/// <param name="RelativeStandardError">Standard error of the propensity as a share of it, to first order; 0 where it is exact.</param>
/// <param name="IsTail">Whether the item lies outside what was retrieved.</param>
public readonly record struct ExploredItem(
    int Item, float Score, double Propensity, double LogPropensity, double RelativeStandardError, bool IsTail);
