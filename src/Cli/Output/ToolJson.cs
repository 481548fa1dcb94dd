using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using KernelPolicy.Cli.Commands;
using KernelPolicy.Cli.Machine;
using KernelPolicy.Cli.Pipeline;

namespace KernelPolicy.Cli.Output;

/// <summary>How results are written as JSON: snake_case, enumerations by name, numbers that are not finite as
/// null.</summary>
[JsonSourceGenerationOptions(
    UseStringEnumConverter = true,
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    Converters = [typeof(FiniteOrNull)])]
[JsonSerializable(typeof(MachineReport))]
[JsonSerializable(typeof(TrainReport))]
[JsonSerializable(typeof(EvaluateReport))]
[JsonSerializable(typeof(RecommendReport))]
[JsonSerializable(typeof(GenerateReport))]
[JsonSerializable(typeof(BenchReport))]
[JsonSerializable(typeof(DataRecipe))]
internal sealed partial class ToolJson : JsonSerializerContext
{
    /// <summary>Writes one object on a line of its own.</summary>
    public static void Write<T>(TextWriter output, T result, JsonTypeInfo<T> type) =>
        output.WriteLine(JsonSerializer.Serialize(result, type));
}

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
