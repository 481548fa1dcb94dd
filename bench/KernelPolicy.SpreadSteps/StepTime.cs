using System.Text.Json.Serialization;

namespace KernelPolicy.SpreadSteps;

/// <summary>What is to be timed.</summary>
/// <param name="Items">P.</param>
/// <param name="Dimension">L.</param>
/// <param name="Steps">Steps timed.</param>
/// <param name="Shares">S, shares of the contexts.</param>
/// <param name="Threads">Threads of a rank.</param>
/// <param name="TopK">K.</param>
/// <param name="Tail">l.</param>
/// <param name="EfSearch">Candidates that a search of the graph keeps.</param>
/// <param name="IsSameStep">Whether the top K is retrieved by Θ of the same step.</param>
/// <param name="Graphs">Folder for graphs; null for none.</param>
internal sealed record SpreadRequest(
    int Items, int Dimension, int Steps, int Shares, int Threads, int TopK, int Tail, int EfSearch, bool IsSameStep, string? Graphs);

/// <summary>Steps of one batch size.</summary>
/// <param name="Spread">contexts or items.</param>
/// <param name="Ranks">n.</param>
/// <param name="Threads">Threads of a rank.</param>
/// <param name="Items">P.</param>
/// <param name="BatchSize">B, contexts of a share in a step.</param>
/// <param name="Contexts">Contexts of a step, all ranks together.</param>
/// <param name="Heads">same-step or step-before.</param>
/// <param name="MsPerStep">Milliseconds of a step: of all of them, divided by their number.</param>
/// <param name="WaitMsPerStep">Of these, the rank that waited least waited for the others or the network: what a step waits for.</param>
/// <param name="MostWaitMsPerStep">The same of the rank that waited most: the others are slower than it by that much.</param>
/// <param name="QueryMsPerStep">Of these, the top K was retrieved, the mean over ranks; what was waited between its parts included.</param>
/// <param name="BytesPerStep">Bytes that all ranks together have sent, by their own count.</param>
/// <param name="FormulaBytesPerStep">The same by the formula.</param>
/// <param name="Carrier">What carried them.</param>
internal sealed record StepTime(
    string Spread, int Ranks, int Threads, int Items, int BatchSize, int Contexts, string Heads, double MsPerStep, double WaitMsPerStep,
    double MostWaitMsPerStep, double QueryMsPerStep, double BytesPerStep, long FormulaBytesPerStep, string Carrier);

/// <summary>How it is written.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(StepTime))]
internal sealed partial class StepTimeJson : JsonSerializerContext;
