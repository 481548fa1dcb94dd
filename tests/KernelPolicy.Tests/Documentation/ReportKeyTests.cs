using System.Text.Json.Serialization.Metadata;
using KernelPolicy.Cli.Commands;
using KernelPolicy.Cli.Output;
using KernelPolicy.Policy;
using NUnit.Framework;

namespace KernelPolicy.Tests.Documentation;

/// <summary>The page on file formats names every key of the reports.</summary>
public class ReportKeyTests
{
    [TestCase(typeof(TrainReport))]
    [TestCase(typeof(TrainLogReport))]
    public void KeysOfReportsAreDocumented(Type report)
    {
        HashSet<string> keys = [];
        Gather(report, keys, []);
        Assert.That(keys.Except(Pages.Read("docs/file-formats.md").CodeSpans), Is.Empty);
    }

    private static void Gather(Type type, HashSet<string> keys, HashSet<Type> seen)
    {
        // What a log's evaluation holds in detail is documented where its types are.
        if (!seen.Add(type) || type == typeof(ValueEstimate) || type == typeof(WeightDiagnostics) || type == typeof(WeightClip)
            || type == typeof(EvaluationWarning) || type.Name == "TrueValues" || ToolJson.Default.GetTypeInfo(type) is not { } info)
        {
            return;
        }

        // What is not written has no getter.
        foreach (JsonPropertyInfo property in info.Properties.Where(property => property.Get is not null))
        {
            keys.Add(property.Name);
            Gather(property.PropertyType, keys, seen);
        }

        if ((info.ElementType ?? Nullable.GetUnderlyingType(type)) is { } inner)
            Gather(inner, keys, seen);
    }
}
