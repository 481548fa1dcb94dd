using System.Text.Json;
using KernelPolicy.Kernels.Ilgpu;
using KernelPolicy.Kernels;
using NUnit.Framework;

namespace KernelPolicy.Tests.Cli;

internal sealed class InfoTests
{
    [Test]
    public void Json_says_what_the_kernels_run_with()
    {
        ToolRun run = ToolRun.Of("info", "--json");
        Assert.That((run.Code, run.Error), Is.EqualTo((0, "")));
        JsonElement report = run.Json;
        Assert.Multiple(() =>
        {
            Assert.That(report.GetProperty("simd_path").GetProperty("vector_bits").GetInt32(), Is.EqualTo(SimdPath.Width));
            Assert.That(report.GetProperty("processor").GetProperty("logical_processors").GetInt32(), Is.EqualTo(Environment.ProcessorCount));
            Assert.That(report.GetProperty("auto_device").GetProperty("device").GetString(), Is.AnyOf("simd", "opencl", "cuda"));
            Assert.That(report.GetProperty("auto_device").GetProperty("reason").GetString(), Does.StartWith("auto "));
            Assert.That(report.GetProperty("accelerators")[0].GetProperty("kind").GetString(), Is.EqualTo("cuda"));
        });
    }

    [Test]
    public void Every_kind_of_accelerator_is_listed_and_none_is_left_out_without_a_reason()
    {
        IReadOnlyList<AcceleratorInfo> devices = Accelerators.List();
        Assert.Multiple(() =>
        {
            Assert.That(devices.Select(device => device.Kind).Distinct(), Is.EquivalentTo(Enum.GetValues<AcceleratorKind>()));
            foreach (AcceleratorInfo device in devices)
            {
                Assert.That(string.IsNullOrWhiteSpace(device.Reason), Is.EqualTo(device.Available), $"{device}");
                Assert.That(device.Available && device.Name is null, Is.False, $"{device}");
                Assert.That(device.Style is not null, Is.EqualTo(device.Available), $"{device}");
            }

            Assert.That(devices.Single(device => device.Kind == AcceleratorKind.CpuEmulator).Available);
        });
    }

    [Test]
    public void The_table_shows_the_same_without_colours()
    {
        ToolRun run = ToolRun.Of("info");
        Assert.That(run.Output, Does.Contain("CUDA").And.Contain("OpenCL").And.Contain($"{SimdPath.Width} bits").And.Not.Contain('\u001b'));
    }
}
