using System.Runtime.Intrinsics;

namespace KernelPolicy.Kernels;

/// <summary>Which vector width the SIMD kernels run with.</summary>
/// <remarks>
/// The widest that the processor accelerates, unless the environment variable <c>KERNELPOLICY_SIMD_WIDTH</c> asks for
/// another. A seed's result is the same bit for bit on one width; widths differ in rounding.
/// </remarks>
public static class SimdPath
{
    /// <summary>The environment variable that forces a width.</summary>
    public const string Variable = "KERNELPOLICY_SIMD_WIDTH";

    private static int _width = Choose(Environment.GetEnvironmentVariable(Variable));

    /// <summary>Bits of a vector: 512, 256 or 128.</summary>
    public static int Width => _width;

    /// <summary>Whether the processor executes vectors of the chosen width itself.</summary>
    public static bool IsAccelerated => IsWidthAccelerated(_width);

    /// <summary>Runs every width in turn within one process; for tests.</summary>
    internal static void Force(int width) => _width = Parse(width.ToString(System.Globalization.CultureInfo.InvariantCulture));

    /// <summary>Whether the processor executes vectors of <paramref name="width"/> bits itself.</summary>
    public static bool IsWidthAccelerated(int width) => width switch
    {
        512 => Vector512.IsHardwareAccelerated,
        256 => Vector256.IsHardwareAccelerated,
        128 => Vector128.IsHardwareAccelerated,
        _ => false,
    };

    private static int Choose(string? asked)
    {
        if (!string.IsNullOrEmpty(asked))
            return Parse(asked);
        return IsWidthAccelerated(512) ? 512 : IsWidthAccelerated(256) ? 256 : 128;
    }

    private static int Parse(string asked) => asked switch
    {
        "512" => 512,
        "256" => 256,
        "128" => 128,
        _ => throw new ArgumentException($"{Variable} is '{asked}'; it must be 512, 256 or 128."),
    };
}
