using System.CommandLine;
using KernelPolicy.Kernels.Ilgpu;

namespace KernelPolicy.Cli.Options;

/// <summary>Where the steps of a training run.</summary>
/// <param name="Kind">auto, simd, opencl, cuda or cpu-accelerator.</param>
/// <param name="Precision">How item embeddings are kept on a device.</param>
internal sealed record DeviceChoice(string Kind, ItemPrecision Precision)
{
    /// <summary>The word for the processor by its own kernels.</summary>
    public const string Simd = "simd";

    /// <summary>The word for whichever is there.</summary>
    public const string Auto = "auto";
}

/// <summary>Options on where steps run.</summary>
internal sealed class DeviceOptionSet : OptionSet<DeviceChoice>
{
    private readonly Option<string> _device = OptionFactory.Choice(
        "--device",
        "Where steps run: simd is the processor; opencl and cuda are drivers of devices; cpu-accelerator emulates one, for checking only, "
        + "never fast. auto takes a CUDA device, else a graphics device by OpenCL, else simd, and says why.",
        DeviceChoice.Auto, DeviceChoice.Simd, "opencl", "cuda", "cpu-accelerator");

    private readonly Option<string> _precision = OptionFactory.Choice(
        "--item-precision", "How item embeddings are kept on a device: half takes half the memory.", "single", "half");

    /// <inheritdoc/>
    public override IEnumerable<Option> All => [_device, _precision];

    /// <inheritdoc/>
    public override DeviceChoice Bind(ParseResult parsed)
    {
        DeviceChoice choice = new(parsed.GetRequiredValue(_device), parsed.Value<ItemPrecision>(_precision));
        return choice is { Kind: DeviceChoice.Simd, Precision: ItemPrecision.Half }
            ? throw new ArgumentException("--item-precision half is for devices; --device simd keeps items in single precision.")
            : choice;
    }
}
