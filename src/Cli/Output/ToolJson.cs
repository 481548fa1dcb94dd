using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using KernelPolicy.Cli.Commands;
using KernelPolicy.Cli.Machine;
using KernelPolicy.Cli.Pipeline;
using KernelPolicy.Index;
using KernelPolicy.Kernels.Ilgpu;
using KernelPolicy.Policy;

namespace KernelPolicy.Cli.Output;

/// <summary>How results are written as JSON: snake_case, enumerations by name, numbers that are not finite as
/// null.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    Converters =
    [
        typeof(FiniteOrNull), typeof(AcceleratorNames), typeof(GuardActionNames), typeof(OffPolicyEstimatorNames),
        typeof(EvaluationWarningNames),
    ],
    UseStringEnumConverter = true)]
[JsonSerializable(typeof(MachineReport))]
[JsonSerializable(typeof(TrainReport))]
[JsonSerializable(typeof(EvaluateReport))]
[JsonSerializable(typeof(RecommendReport))]
[JsonSerializable(typeof(BundleReport))]
[JsonSerializable(typeof(ShardedBundleReport))]
[JsonSerializable(typeof(ServeShardReport))]
[JsonSerializable(typeof(GenerateReport))]
[JsonSerializable(typeof(BenchReport))]
[JsonSerializable(typeof(DataRecipe))]
[JsonSerializable(typeof(TrainLogReport))]
[JsonSerializable(typeof(EvaluateLogReport))]
[JsonSerializable(typeof(GenerateLogReport))]
[JsonSerializable(typeof(LogRecipe))]
[JsonSerializable(typeof(StudyReport))]
[JsonSerializable(typeof(StudyListReport))]
internal sealed partial class ToolJson : JsonSerializerContext
{
    /// <summary>Writes one object on a line of its own.</summary>
    public static void Write<T>(TextWriter output, T result, JsonTypeInfo<T> type) =>
        output.WriteLine(JsonSerializer.Serialize(result, type));
}

/// <summary>Kinds of accelerators by name, in lower case: cuda, opencl.</summary>
internal sealed class AcceleratorNames() : JsonStringEnumConverter<AcceleratorKind>(new LowerCase())
{
    private sealed class LowerCase : JsonNamingPolicy
    {
        [SuppressMessage("Globalization", "CA1308:Normalize strings to uppercase", Justification = "It is what is written.")]
        public override string ConvertName(string name) => name.ToLowerInvariant();
    }
}

/// <summary>What a guard did, by name, as keys are written: fell_back_to_exact.</summary>
internal sealed class GuardActionNames() : JsonStringEnumConverter<GuardAction>(JsonNamingPolicy.SnakeCaseLower);

/// <summary>Off-policy estimators by name, as keys are written: self_normalised_ips.</summary>
internal sealed class OffPolicyEstimatorNames() : JsonStringEnumConverter<OffPolicyEstimator>(JsonNamingPolicy.SnakeCaseLower);

/// <summary>Kinds of warnings by name, as keys are written: dominant_weight.</summary>
internal sealed class EvaluationWarningNames() : JsonStringEnumConverter<EvaluationWarningKind>(JsonNamingPolicy.SnakeCaseLower);

/// <summary>JSON has no word for a number that is not finite.</summary>
internal sealed class FiniteOrNull : JsonConverter<double>
{
    /// <inheritdoc/>
    public override double Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.Null ? double.NaN : reader.GetDouble();

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, double value, JsonSerializerOptions options)
    {
        if (double.IsFinite(value))
            writer.WriteNumberValue(value);
        else
            writer.WriteNullValue();
    }

    /// <inheritdoc/>
    public override bool HandleNull => true;
}
