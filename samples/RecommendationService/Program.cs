using KernelPolicy.Hosting;
using KernelPolicy.Policy;
using RecommendationService;

WebApplicationBuilder builder = WebApplication.CreateSlimBuilder(args);
builder.Services.AddKernelPolicy(builder.Configuration.GetSection("KernelPolicy"));
builder.Services.AddHealthChecks().AddKernelPolicy();
builder.Services.ConfigureHttpJsonOptions(options => options.SerializerOptions.TypeInfoResolverChain.Insert(0, ServiceJson.Default));

WebApplication app = builder.Build();
app.MapHealthChecks("/health");
app.MapGet("/recommend", (string history, int? count, RecommenderHost host) => Answers.ToHistory(host, history, count ?? Answers.DefaultCount));
app.MapPost("/recommend", (ContextRequest request, RecommenderHost host) => Answers.ToContext(host, request));
app.Run();
