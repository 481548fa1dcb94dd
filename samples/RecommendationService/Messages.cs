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

/// <summary>What came of a ban or of its end.</summary>
/// <param name="Known">Whether the bundle that serves knows the item; a ban of one that it does not is kept for the next.</param>
internal sealed record BanAnswer(bool Known);

/// <summary>Why nothing is.</summary>
internal sealed record Fault(string Error);

/// <summary>Messages as JSON, without reflection.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ContextRequest))]
[JsonSerializable(typeof(Answer))]
[JsonSerializable(typeof(BanAnswer))]
[JsonSerializable(typeof(Fault))]
[JsonSerializable(typeof(HealthAnswer))]
[JsonSerializable(typeof(int))]
[JsonSerializable(typeof(long))]
[JsonSerializable(typeof(double))]
internal sealed partial class ServiceJson : JsonSerializerContext;
