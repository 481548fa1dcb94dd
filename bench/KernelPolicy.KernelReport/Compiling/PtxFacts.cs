using System.Text.RegularExpressions;

namespace KernelPolicy.KernelReport.Compiling;

/// <summary>What can be read off the PTX of a kernel: places in the program, not how often they run.</summary>
/// <param name="Target">The architecture that the PTX names; a later one can be made of it.</param>
/// <param name="FusedProducts">Products and sums in one instruction.</param>
/// <param name="Loads">Loads of global memory, of any width.</param>
/// <param name="WideLoads">Those of them that load 16 bytes at once.</param>
/// <param name="Calls">Calls of functions that were not made part of the kernel.</param>
internal readonly record struct PtxFacts(string Target, int FusedProducts, int Loads, int WideLoads, int Calls)
{
    /// <summary>Reads them.</summary>
    public static PtxFacts Of(string ptx) => new(
        Regex.Match(ptx, @"^\.target (\w+)", RegexOptions.Multiline).Groups[1].Value,
        Regex.Count(ptx, @"\bfma\.rn\.f32\b"),
        Regex.Count(ptx, @"\bld\.(global\.)?(v[24]\.)?[subf]\d+\b"),
        Regex.Count(ptx, @"\bld\.(global\.)?(v4\.[subf]32|v2\.[subf]64)\b"),
        Regex.Count(ptx, @"\bcall\b"));
}
