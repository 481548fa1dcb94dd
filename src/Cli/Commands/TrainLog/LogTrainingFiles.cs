using System.Globalization;
using System.Text.Json;
using KernelPolicy.Cli.Options;
using KernelPolicy.Cli.Output;
using KernelPolicy.Cli.Pipeline;
using KernelPolicy.Cli.Plots;
using KernelPolicy.Data;
using KernelPolicy.Index;
using KernelPolicy.Policy;

namespace KernelPolicy.Cli.Commands;

/// <summary>Writes what a training on logged decisions leaves in its folder.</summary>
internal static class LogTrainingFiles
{
    /// <summary>Writes the policy, the graph where there is one, the learning curve and the report.</summary>
    public static void Save(
        TrainLogRequest request, BanditLog log, string kind, QueryMap query, IMipsIndex index, TrainLogReport report)
    {
        // Not disposed: its tables are those of the training, which disposes them.
        SoftmaxPolicy policy = new(query.Theta, index.Items, log.ItemIds, Facts(request, log, kind, report), query.Bias);
        RunFiles.Save(
            request.Folder, policy, index, Curve(report), JsonSerializer.Serialize(report, ToolJson.Default.TrainLogReport));
    }

    private static Dictionary<string, string> Facts(TrainLogRequest request, BanditLog log, string kind, TrainLogReport report)
    {
        LogSource source = request.Log.Source.WithFullPaths();
        LogRecipe recipe = request.Log with
        {
            Source = source with
            {
                Contexts = kind,
                Reading = source.Reading with { Encoding = kind == LogContexts.Features ? log.Encoding : null },
            },
        };
        Dictionary<string, string> facts = new()
        {
            [PolicyFact.LogRecipe] = JsonSerializer.Serialize(recipe, ToolJson.Default.LogRecipe),
            [PolicyFact.Estimator] = report.EstimatorWords,
            [PolicyFact.Runner] = report.Runner,
            [PolicyFact.Reward] = report.Reward,
            [PolicyFact.Objective] = report.Objective,
        };
        if (report.Evaluation?.Find(OffPolicyEstimator.SelfNormalisedIps) is { } value)
            facts[PolicyFact.TestReward] = value.Value.ToString(CultureInfo.InvariantCulture);
        return facts;
    }

    private static LearningCurve Curve(TrainLogReport report) =>
        new([.. report.Epochs.Select(epoch => (epoch.Epoch, epoch.ValidationReward))])
        {
            Title = "IPS value of the best item on held-out decisions",
            Subtitle = $"{report.EstimatorWords}; {report.Items:N0} items, {report.TrainDecisions:N0} decisions, L = {report.Dim}; {report.Reward}",
            Initial = report.InitialValidationReward,
            Logging = report.ValidationLoggingValue,
            BestPossible = report.TrueValues?.Best,
            Gradients = report.GradientAudits,
        };
}
