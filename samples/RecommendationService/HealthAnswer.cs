using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace RecommendationService;

/// <summary>What the checks say, with their figures.</summary>
/// <param name="Status">Healthy, Degraded or Unhealthy.</param>
/// <param name="Checks">One for each check.</param>
internal sealed record HealthAnswer(string Status, CheckAnswer[] Checks)
{
    /// <summary>Writes a report as JSON.</summary>
    public static Task Write(HttpContext context, HealthReport report) => context.Response.WriteAsJsonAsync(
        new HealthAnswer(
            report.Status.ToString(),
            [.. report.Entries.Select(entry => new CheckAnswer(entry.Key, entry.Value.Status.ToString(), entry.Value.Description, entry.Value.Data))]),
        ServiceJson.Default.HealthAnswer,
        cancellationToken: context.RequestAborted);
}

/// <summary>What one check says.</summary>
internal sealed record CheckAnswer(string Name, string Status, string? Description, IReadOnlyDictionary<string, object> Data);
