using System.Diagnostics;
using KernelPolicy.Policy;

namespace KernelPolicy.Tests.Serving;

/// <summary>Two bundles of equal size, and the program (tests/SaveVictim) that saves the one over the other.</summary>
internal sealed class VictimCase : IDisposable
{
    private readonly ServingCase _caseOfB = new(items: 2000, dimension: 32, seed: 2, idPrefix: "b");
    private readonly string _folder = Directory.CreateTempSubdirectory("kernelpolicy-victim-").FullName;

    public VictimCase()
    {
        using ServingCase a = new(items: 2000, dimension: 32, seed: 1, idPrefix: "a");
        A = Store(a, "a");
        B = Store(_caseOfB, "b");
    }

    /// <summary>The bundle that is there first.</summary>
    public byte[] A { get; }

    /// <summary>The bundle that is saved over it.</summary>
    public byte[] B { get; }

    /// <summary>A file that holds the first bundle.</summary>
    public string FileOfA => Path.Combine(_folder, "a.kpolicy");

    public static string[] FilesBeside(string target) =>
        [.. Directory.GetFiles(Path.GetDirectoryName(target)!).Where(file => file != target)];

    /// <summary>A file in a folder of its own that holds the first bundle.</summary>
    public string NewTarget(string folder)
    {
        string target = Path.Combine(Directory.CreateDirectory(Path.Combine(_folder, folder)).FullName, "model.kpolicy");
        File.WriteAllBytes(target, A);
        return target;
    }

    /// <summary>Saves the second bundle.</summary>
    public void SaveB(string target) => ServingBundle.Save(target, _caseOfB.Policy, _caseOfB.Index);

    /// <summary>Starts a victim, by the runtime that runs the tests.</summary>
    /// <param name="mode">"loop" or "once".</param>
    /// <param name="target">The file to save to.</param>
    /// <param name="within">A command that runs the command given to it as arguments.</param>
    public Process Start(string mode, string target, params string[] within)
    {
        string runtime = Path.GetDirectoryName(typeof(object).Assembly.Location)!;
        string dotnet = Path.GetFullPath(Path.Combine(runtime, "..", "..", "..", OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet"));
        string[] command = [.. within, dotnet, Path.Combine(AppContext.BaseDirectory, "KernelPolicy.SaveVictim.dll"), mode, _folder, target];
        ProcessStartInfo start = new(command[0], command[1..]) { RedirectStandardOutput = true, RedirectStandardError = true };

        // The runtime maps its code twice by way of a file in memory, larger than a limit to files' sizes would allow.
        start.Environment["DOTNET_EnableWriteXorExecute"] = "0";
        return Process.Start(start)!;
    }

    public void Dispose()
    {
        _caseOfB.Dispose();
        Directory.Delete(_folder, true);
    }

    private byte[] Store(ServingCase one, string name)
    {
        PolicyFile.Save(Path.Combine(_folder, name + ".policy"), one.Policy);
        one.Index.Save(Path.Combine(_folder, name + ".index"));
        string bundle = Path.Combine(_folder, name + ".kpolicy");
        ServingBundle.Save(bundle, one.Policy, one.Index);
        return File.ReadAllBytes(bundle);
    }
}
