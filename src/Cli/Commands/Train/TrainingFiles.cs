using System.Globalization;
using System.Text.Json;
using KernelPolicy.Cli.Output;
using KernelPolicy.Cli.Pipeline;
using KernelPolicy.Cli.Plots;
using KernelPolicy.Data;
using KernelPolicy.Index;
using KernelPolicy.Policy;

namespace KernelPolicy.Cli.Commands;

/// <summary>Writes what a training leaves in its folder.</summary>
internal static class TrainingFiles
{
    /// <summary>Writes the policy, the graph where there is one, the learning curve and the report.</summary>
    public static void Save(TrainRequest request, LoadedData data, QueryMap query, IMipsIndex index, TrainReport report)
    {
        // Not disposed: its tables are those of the training, which disposes them.
        SoftmaxPolicy policy = new(query.Theta, index.Items, data.Interactions.ItemIds, Facts(request, report), query.Bias);
        RunFiles.Save(
            request.Folder, policy, index, Curve(data, report), JsonSerializer.Serialize(report, ToolJson.Default.TrainReport));
    }

    private static Dictionary<string, string> Facts(TrainRequest request, TrainReport report) => new()
    {
        [PolicyFact.Recipe] = JsonSerializer.Serialize(request.Data.WithFullPaths(), ToolJson.Default.DataRecipe),
        [PolicyFact.Estimator] = report.EstimatorWords,
        [PolicyFact.Runner] = report.Runner,
        [PolicyFact.TestReward] = report.TestRewardExact.ToString(CultureInfo.InvariantCulture),
    };

    private static LearningCurve Curve(LoadedData data, TrainReport report)
    {
        SplitPart part = data.Split.Validation;
        return new LearningCurve([.. report.Epochs.Select(epoch => (epoch.Epoch, epoch.ValidationReward))])
        {
            Subtitle = $"{report.EstimatorWords}; {report.Items:N0} items, {report.TrainUsers:N0} users, L = {report.Dim}",
            Initial = report.InitialValidationReward,
            Popularity = PopularityBaseline.Reward(
                data.TrainingPopularity(), part.Histories, new SessionReward(part.Rewarded)),
            BestPossible = data.BestPossible(part),
            Gradients = report.GradientAudits,
        };
    }
}
