using System.Text.Json;
using KernelPolicy.Cli.Machine;
using KernelPolicy.Kernels;

namespace KernelPolicy.Cli.Study;

/// <summary>What all cells of a folder have in common, beyond their names: cells that differ in it must not stand in one
/// table.</summary>
/// <param name="Data">The files read; empty where everything is drawn.</param>
/// <param name="Catalogues">The catalogues.</param>
/// <param name="LearningDim">L of the learning.</param>
/// <param name="Epochs">Passes.</param>
/// <param name="BatchSize">B.</param>
/// <param name="TimedSteps">Steps that a time is of.</param>
/// <param name="TestUsers">The most users that R_test is on.</param>
/// <param name="Initialisation">First values of Θ.</param>
/// <param name="SingularPower">Power of the singular values in β.</param>
/// <param name="Version">Of this tool.</param>
/// <param name="Runtime">.NET's name and version.</param>
/// <param name="System">The operating system.</param>
/// <param name="Processor">The processor's name.</param>
/// <param name="Device">Where steps run.</param>
/// <param name="Threads">Threads.</param>
/// <param name="VectorBits">Width of the kernels' vectors.</param>
internal sealed record StudyIdentity(
    IReadOnlyList<string> Data, IReadOnlyList<StudyCatalogue> Catalogues, int LearningDim, int Epochs, int BatchSize, int TimedSteps,
    int TestUsers, string Initialisation, float SingularPower, string Version, string Runtime, string System, string Processor,
    string Device, int Threads, int VectorBits)
{
    /// <summary>That of a study here.</summary>
    public static StudyIdentity Of(StudySettings settings, IReadOnlyList<string> data, string device, int threads) => new(
        [.. data.Select(Path.GetFullPath)],
        settings.Catalogues,
        settings.LearningDimension,
        settings.Epochs,
        settings.BatchSize,
        settings.TimedSteps,
        settings.TestUsers,
        $"{settings.Initialisation}",
        settings.SingularPower,
        typeof(StudyIdentity).Assembly.GetName().Version?.ToString(3) ?? "",
        global::System.Runtime.InteropServices.RuntimeInformation.FrameworkDescription,
        global::System.Runtime.InteropServices.RuntimeInformation.OSDescription,
        ProcessorFacts.Read().Name,
        device,
        threads,
        SimdPath.Width);

    /// <summary>Says in what this differs from the study that a folder holds; null where in nothing.</summary>
    public string? DifferenceFrom(StudyIdentity held)
    {
        JsonElement here = JsonSerializer.SerializeToElement(this, StudyJson.Default.StudyIdentity);
        JsonElement there = JsonSerializer.SerializeToElement(held, StudyJson.Default.StudyIdentity);
        foreach (JsonProperty property in here.EnumerateObject())
        {
            JsonElement other = there.GetProperty(property.Name);
            if (!JsonElement.DeepEquals(property.Value, other))
                return $"{property.Name} {OneLine(other)}, and {OneLine(property.Value)} is asked for";
        }

        return null;
    }

    private static string OneLine(JsonElement value) =>
        string.Join(' ', value.GetRawText().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
}
