using System.Text.Json;
using KernelPolicy.Cli;
using KernelPolicy.Cli.Devices;
using KernelPolicy.Cli.Options;
using KernelPolicy.Kernels;
using KernelPolicy.Kernels.Ilgpu;
using KernelPolicy.Policy;
using NUnit.Framework;

namespace KernelPolicy.Tests.Cli;

/// <summary>Trainings and measurements on a device, and what is said where there is none.</summary>
internal sealed class DeviceTests
{
    private static readonly AcceleratorInfo Cuda = new(AcceleratorKind.Cuda, "card", 1L << 33, true, null);
    private static readonly AcceleratorInfo NoCuda = new(AcceleratorKind.Cuda, null, null, false, "no driver is installed");
    private static readonly AcceleratorInfo Graphics = new(AcceleratorKind.OpenCl, "graphics", 1L << 33, true, null);
    private static readonly AcceleratorInfo Processor = new(AcceleratorKind.OpenCl, "cores", 1L << 33, true, null) { IsProcessor = true };
    private static readonly AcceleratorInfo Emulator = new(AcceleratorKind.CpuEmulator, "emulator", null, true, null);

    [Test]
    public void Auto_takes_cuda_then_graphics_by_opencl_then_simd()
    {
        Assert.Multiple(() =>
        {
            Assert.That(DeviceDecision.Auto([Cuda, Graphics, Emulator]).Device, Is.EqualTo("cuda"));
            Assert.That(DeviceDecision.Auto([NoCuda, Processor, Graphics, Emulator]).Device, Is.EqualTo("opencl"));
            DeviceDecision simd = DeviceDecision.Auto([NoCuda, Processor, Emulator]);
            Assert.That((simd.Device, simd.Kind), Is.EqualTo(("simd", (AcceleratorKind?)null)));
            Assert.That(simd.Reason, Does.Contain("CUDA: no driver is installed").And.Contain("OpenCL: cores is the processor"));
        });
    }

    [Test]
    public void A_choice_other_than_auto_wakes_no_driver()
    {
        foreach (string kind in new[] { "simd", "opencl", "cuda", "cpu-accelerator" })
        {
            DeviceDecision decision = DeviceDecision.Of(
                new DeviceChoice(kind, ItemPrecision.Single), () => throw new InvalidOperationException("Devices were listed."));
            Assert.That(decision.Device, Is.EqualTo(kind));
        }
    }

    [Test]
    public void Without_a_device_auto_trains_by_simd_and_says_why()
    {
        Assume.That(DeviceDecision.Auto(Accelerators.List()).Device, Is.EqualTo("simd"), "there is a device");
        using TestFolder folder = new();
        ToolRun run = ToolRun.Of([.. Train(folder, "--json", "--verbose"), "--estimator", "exact"]);
        Assert.That(run.Code, Is.Zero, run.Error);
        JsonElement report = run.Json;
        Assert.Multiple(() =>
        {
            Assert.That(report.GetProperty("device").GetString(), Is.EqualTo("auto"));
            Assert.That(report.GetProperty("device_reason").GetString(), Does.Contain("CUDA: ").And.Contain("OpenCL: "));
            Assert.That(report.GetProperty("runner").GetString(), Is.EqualTo($"simd {SimdPath.Width}"));
            foreach (string name in new[] { "top_k_by", "launches_per_step", "up_bytes_per_step", "down_bytes_per_step" })
                Assert.That(report.GetProperty(name).ValueKind, Is.EqualTo(JsonValueKind.Null), name);
            Assert.That(run.Error, Does.Contain("device: simd; auto finds no usable device beside the processor"));
        });
    }

    [TestCase("train")]
    [TestCase("bench")]
    public void A_device_that_is_not_there_is_a_failure_that_lists_those_that_are(string command)
    {
        string kind = Absent();
        ToolRun run = ToolRun.Of(command, "--device", kind);
        Assert.Multiple(() =>
        {
            Assert.That((run.Code, run.Output), Is.EqualTo((1, "")));
            Assert.That(run.Error, Does.Contain("error: There is no usable ").And.Contain("CUDA: ").And.Contain("OpenCL: ").And.Contain("emulated"));
            Assert.That(run.Error, Does.Contain("not usable: ").And.Not.Contain("   at "));
        });
    }

    [TestCase("train --device simd --item-precision half", "--item-precision half is for devices")]
    [TestCase("bench --device simd --item-precision half", "--item-precision half is for devices")]
    [TestCase("bench --device simd --profile", "--profile times the kernels of a device")]
    [TestCase("bench --device tpu", "it must be one of auto, simd, opencl, cuda, cpu-accelerator.")]
    [TestCase(
        "bench --device cpu-accelerator --items 6000 --dim 4 --steps 1 --batch-size 1 --estimator mixture --top-k 5000 --index exact",
        "a device scans for at most 4096")]
    public void What_makes_no_sense_is_a_mistake_of_usage(string line, string explanation)
    {
        ToolRun run = ToolRun.Of(line.Split(' '));
        Assert.That((run.Code, run.Output), Is.EqualTo((2, "")));
        Assert.That(run.Error, Does.Contain(explanation));
    }

    [Test]
    public void What_does_not_fit_a_device_is_a_failure_in_words()
    {
        using ComputeDevice device = ComputeDevice.OpenEmulator(asProcessor: false);
        Failure failure = Failure.Describe(new DeviceMemoryException(device, 1L << 50), default);
        Assert.That(failure.ExitCode, Is.EqualTo(1));
        Assert.That(failure.Message, Does.Contain("do not fit").And.Not.Contain("fault of the tool"));
    }

    [Test]
    public void A_device_s_training_says_what_ran_it_and_goes_on_only_there()
    {
        using TestFolder folder = new();
        string[] training = [.. Train(folder), "--estimator", "uniform", "--samples", "4"];
        ToolRun run = ToolRun.Of([.. training, "--device", "cpu-accelerator", "--json"]);
        Assert.That((run.Code, run.Error), Is.EqualTo((0, "")));
        JsonElement report = run.Json;
        Assert.Multiple(() =>
        {
            Assert.That(report.GetProperty("device").GetString(), Is.EqualTo("cpu-accelerator"));
            Assert.That(report.GetProperty("device_reason").GetString(), Does.Contain("for checking only"));
            Assert.That(report.GetProperty("runner").GetString(), Does.StartWith("cpu-accelerator: "));
            Assert.That(report.GetProperty("launches_per_step").GetDouble(), Is.AtLeast(3));
            Assert.That(report.GetProperty("up_bytes_per_step").GetDouble(), Is.Positive);
            Assert.That(report.GetProperty("down_bytes_per_step").GetDouble(), Is.Positive);
            using SoftmaxPolicy policy = PolicyFile.Load(folder["run/policy.kp"]);
            Assert.That(policy.Facts["runner"], Is.EqualTo(report.GetProperty("runner").GetString()));
        });

        ToolRun elsewhere = ToolRun.Of([.. training, "--device", "simd", "--resume"]);
        Assert.That((elsewhere.Code, elsewhere.Output), Is.EqualTo((1, "")));
        Assert.That(elsewhere.Error, Does.Contain("another training").And.Contain("cpu-accelerator"));
    }

    // The processor's driver serves as a device here: see the README on how to install one.
    [TestCase("exact", "exact", null)]
    [TestCase("mixture", "exact", "top 8 by scanning on the device")]
    [TestCase("mixture", "hnsw", "top 8 by searching a graph on the host")]
    [Category("OpenCl")]
    public void An_opencl_device_trains(string estimator, string index, string? topKBy)
    {
        if (!Accelerators.List().Any(device => device is { Kind: AcceleratorKind.OpenCl, Available: true }))
            Assert.Ignore("No usable OpenCL device: PoCL 6 makes the processor one.");
        using TestFolder folder = new();
        ToolRun run = ToolRun.Of(
            [.. Train(folder), "--device", "opencl", "--estimator", estimator, "--index", index, "--samples", "16", "--top-k", "8", "--json"]);
        Assert.That(run.Code, Is.Zero, run.Error);
        Assert.That(run.Json.GetProperty("runner").GetString(), Does.StartWith("opencl: "));
        Assert.That(run.Json.GetProperty("top_k_by").GetString(), Is.EqualTo(topKBy));
        Assert.That(run.Json.GetProperty("epochs")[0].GetProperty("training_reward").GetDouble(), Is.InRange(0, 20));
    }

    private static string Absent()
    {
        IReadOnlyList<AcceleratorInfo> devices = Accelerators.List();
        (AcceleratorKind Kind, string Name)[] kinds = [(AcceleratorKind.Cuda, "cuda"), (AcceleratorKind.OpenCl, "opencl")];
        string? absent = kinds.FirstOrDefault(kind => !devices.Any(device => device.Available && device.Kind == kind.Kind)).Name;
        if (absent is null)
            Assert.Ignore("There is a usable device of every kind.");
        return absent!;
    }

    // Small, for the emulator is slow: 60 users, six steps.
    private static string[] Train(TestFolder folder, params string[] more)
    {
        ToolRun log = ToolRun.Of("generate", "--out", folder["log.csv"], "--items", "60", "--users", "60", "--clusters", "4", "--json");
        Assert.That(log.Code, Is.Zero, log.Error);
        return
        [
            "train", "--data", folder["log.csv"], "--out", folder["run"], "--dim", "4", "--epochs", "1", "--batch-size", "8", "--threads", "1",
            .. more,
        ];
    }
}
