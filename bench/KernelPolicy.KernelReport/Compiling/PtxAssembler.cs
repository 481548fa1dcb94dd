using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace KernelPolicy.KernelReport.Compiling;

/// <summary>What the assembler says of a kernel.</summary>
/// <param name="Registers">Registers a thread.</param>
/// <param name="SpillStores">Bytes written where registers did not suffice.</param>
/// <param name="SpillLoads">Bytes read for the same reason.</param>
/// <param name="StackBytes">Memory of a thread that is not registers, spills included.</param>
/// <param name="SharedBytes">Shared memory of a group.</param>
internal readonly record struct AssembledKernel(int Registers, int SpillStores, int SpillLoads, int StackBytes, int SharedBytes);

/// <summary>NVIDIA's PTX assembler, as a program of the machine.</summary>
internal sealed partial class PtxAssembler(string path)
{
    /// <summary>Where the assembler is where no option names it.</summary>
    public const string Variable = "KERNELPOLICY_PTXAS";

    /// <summary>Its release.</summary>
    public string Version()
    {
        (int code, string text) = Run("--version");
        Match release = Release().Match(text);
        return code == 0 && release.Success ? release.Groups[1].Value : throw new InvalidOperationException($"{path} --version says: {text.Trim()}");
    }

    /// <summary>Assembles a file and throws the result away, but not what it needs.</summary>
    /// <exception cref="InvalidOperationException">It does not assemble.</exception>
    public AssembledKernel Assemble(string file, GpuArchitecture architecture)
    {
        (int code, string text) = Run($"-arch={architecture.Name}", "-v", file, "-o", "/dev/null");
        if (code != 0)
            throw new InvalidOperationException($"{Path.GetFileName(file)} does not assemble: {text.Trim()}");
        Match registers = Registers().Match(text);
        if (!registers.Success)
            throw new InvalidOperationException($"{Path.GetFileName(file)}: the assembler says nothing of registers: {text.Trim()}");

        // A function that is not part of its caller has a frame of its own; the largest counts.
        int stack = 0, stores = 0, loads = 0;
        foreach (Match frame in Frame().Matches(text))
        {
            stack = Math.Max(stack, Number(frame.Groups[1]));
            stores = Math.Max(stores, Number(frame.Groups[2]));
            loads = Math.Max(loads, Number(frame.Groups[3]));
        }

        Match shared = Shared().Match(text);
        return new AssembledKernel(Number(registers.Groups[1]), stores, loads, stack, shared.Success ? Number(shared.Groups[1]) : 0);
    }

    private static int Number(Group digits) => int.Parse(digits.Value, CultureInfo.InvariantCulture);

    private (int Code, string Text) Run(params string[] arguments)
    {
        ProcessStartInfo start = new(path, arguments) { RedirectStandardError = true, RedirectStandardOutput = true };
        try
        {
            using Process process = Process.Start(start)!;
            Task<string> error = process.StandardError.ReadToEndAsync();
            string output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return (process.ExitCode, output + error.Result);
        }
        catch (Win32Exception e)
        {
            throw new InvalidOperationException($"The assembler {path} does not start: {e.Message}", e);
        }
    }

    [GeneratedRegex(@"release [\d.]+, (V[\d.]+)")]
    private static partial Regex Release();

    [GeneratedRegex(@"Used (\d+) registers")]
    private static partial Regex Registers();

    [GeneratedRegex(@"(\d+) bytes stack frame, (\d+) bytes spill stores, (\d+) bytes spill loads")]
    private static partial Regex Frame();

    [GeneratedRegex(@"(\d+) bytes smem")]
    private static partial Regex Shared();
}
