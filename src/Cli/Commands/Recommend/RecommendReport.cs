using System.Text.Json.Serialization;

namespace KernelPolicy.Cli.Commands;

/// <summary>Recommendations, as --json writes them.</summary>
/// <param name="Recommendations">One entry a history, in their order.</param>
internal sealed record RecommendReport(IReadOnlyList<RecommendationList> Recommendations);

/// <summary>What is recommended to one history.</summary>
/// <param name="History">Ids of the history, or features NAME=VALUE, that the policy knows.</param>
/// <param name="Unknown">Those that it does not know, passed over; where shards are missing, that no other knows.</param>
/// <param name="Items">What it recommends, best first.</param>
/// <param name="MissingShards">Shards that did not answer in time, whatever they were asked; null where a policy was asked.</param>
/// <param name="SearchedShare">The share of the catalogue that was searched; null where a policy was asked.</param>
internal sealed record RecommendationList(
    IReadOnlyList<string> History,
    IReadOnlyList<string> Unknown,
    IReadOnlyList<RecommendedItem> Items,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<int>? MissingShards = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] double? SearchedShare = null);

/// <summary>A recommended item.</summary>
/// <param name="Id">Its id in the data that the policy was trained on.</param>
/// <param name="Score">Its score h·β; the policy's probability is proportional to e^score.</param>
internal sealed record RecommendedItem(string Id, double Score);
