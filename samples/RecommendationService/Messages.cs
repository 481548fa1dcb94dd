using System.Text.Json.Serialization;

namespace RecommendationService;

/// <summary>A context to recommend to.</summary>
/// <param name="Context">x [L].</param>
/// <param name="Count">How many items; 10 where null.</param>
internal sealed record ContextRequest(float[] Context, int? Count);

/// <summary>An item and its score h·β.</summary>
internal sealed record ScoredId(string Id, float Score);

/// <summary>What is recommended.</summary>
/// <param name="Items">Best first.</param>
/// <param name="Unknown">Ids of the history that the policy does not know, passed over.</param>
internal sealed record Answer(ScoredId[] Items, string[] Unknown);

/// <summary>Why nothing is.</summary>
internal sealed record Fault(string Error);

/// <summary>Messages as JSON, without reflection.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ContextRequest))]
[JsonSerializable(typeof(Answer))]
[JsonSerializable(typeof(Fault))]
internal sealed partial class ServiceJson : JsonSerializerContext;
