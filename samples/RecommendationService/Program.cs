using KernelPolicy.Hosting;
using KernelPolicy.Policy;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using RecommendationService;

WebApplicationBuilder builder = WebApplication.CreateSlimBuilder(args);
builder.Services.AddKernelPolicy(builder.Configuration.GetSection("KernelPolicy"));
builder.Services.AddHealthChecks().AddKernelPolicy(tags: ["ready"]);
builder.Services.ConfigureHttpJsonOptions(options => options.SerializerOptions.TypeInfoResolverChain.Insert(0, ServiceJson.Default));

// So that it answers, that it lives and is not ready, while the bundle is opened.
builder.Services.Configure<HostOptions>(options => options.ServicesStartConcurrently = true);

WebApplication app = builder.Build();

// To restart by: the process answers.
app.MapHealthChecks("/health/live", new HealthCheckOptions { Predicate = _ => false });

// To route by: something serves. An older bundle, or a recall below its bound, is better than no answer.
app.MapHealthChecks("/health/ready", new HealthCheckOptions { Predicate = check => check.Tags.Contains("ready") });

// To call somebody by: whatever is not as it should be is an error, and said.
app.MapHealthChecks("/health", new HealthCheckOptions
{
    ResultStatusCodes = { [HealthStatus.Degraded] = StatusCodes.Status503ServiceUnavailable },
    ResponseWriter = HealthAnswer.Write,
});
app.MapGet("/recommend", (string history, int? count, RecommenderHost host) => Answers.ToHistory(host, history, count ?? Answers.DefaultCount));
app.MapPost("/recommend", (ContextRequest request, RecommenderHost host) => Answers.ToContext(host, request));
app.MapPut("/banned/{id}", (string id, RecommenderHost host) => new BanAnswer(host.Ban(id) > 0));
app.MapDelete("/banned/{id}", (string id, RecommenderHost host) => new BanAnswer(host.Unban(id) > 0));
app.Run();
