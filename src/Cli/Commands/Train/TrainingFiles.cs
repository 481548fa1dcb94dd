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
    /// <summary>Writes the policy; where items lie in shards all ranks bring theirs.</summary>
    public static void SavePolicy(TrainRequest request, LoadedData data, TrainedCatalogue catalogue, TrainingCourse course, double reward) =>
        catalogue.Save(request.Folder.Policy, course.Query, data.Interactions.ItemIds, Facts(request, course, reward));

    /// <summary>Writes the graph where there is one, the learning curve and the report.</summary>
    public static void Save(TrainRequest request, LoadedData data, IMipsIndex index, TrainReport report) =>
        RunFiles.SaveBeside(request.Folder, index, Curve(data, report), JsonSerializer.Serialize(report, ToolJson.Default.TrainReport));

    private static Dictionary<string, string> Facts(TrainRequest request, TrainingCourse course, double reward) => new()
    {
        [PolicyFact.Recipe] = JsonSerializer.Serialize(request.Data.WithFullPaths(), ToolJson.Default.DataRecipe),
        [PolicyFact.Estimator] = EstimatorText.Words(course.Steps.EstimatorName, EstimatorText.Settings(request.Estimator)),
        [PolicyFact.Runner] = course.Steps.Runner,
        [PolicyFact.TestReward] = reward.ToString(CultureInfo.InvariantCulture),
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
