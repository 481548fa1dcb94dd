using System.CommandLine;
using KernelPolicy.KernelReport.Reporting;
using KernelPolicy.KernelReport.Roofline;

namespace KernelPolicy.KernelReport.Commands;

/// <summary>`roofline`: what a training step would take on an H100, from what its kernels read, write and compute.</summary>
internal sealed class RooflineCommand : Command
{
    private readonly Option<string> _out = new("--out")
    {
        Description = "Folder of the report.",
        DefaultValueFactory = _ => "bench/results/ptx",
    };

    /// <summary>The command.</summary>
    public RooflineCommand()
        : base("roofline", "Computes, without running anything, what a training step would take on an H100.")
    {
        Add(_out);
        SetAction(parsed =>
        {
            string folder = Directory.CreateDirectory(parsed.GetRequiredValue(_out)).FullName;
            File.WriteAllText(Path.Combine(folder, "roofline.md"), new RooflineReport(RooflineDevice.H100).Markdown());
        });
    }
}
