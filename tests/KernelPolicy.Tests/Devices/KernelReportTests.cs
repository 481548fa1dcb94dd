using System.Reflection;
using KernelPolicy.KernelReport.Compiling;
using KernelPolicy.KernelReport.Kernels;
using KernelPolicy.Kernels.Ilgpu;
using KernelPolicy.Policy;
using NUnit.Framework;

namespace KernelPolicy.Tests.Devices;

/// <summary>The kernel report leaves nothing out, and counts as NVIDIA's own tables do.</summary>
[Category("Emulator")]
public class KernelReportTests
{
    [Test]
    public void EveryKernelIsFoundByWhatTrainingsLoad()
    {
        // Entry points: what others may call of a class that is a kernel, but for functions that give launchers a number.
        string[] kernels =
        [
            .. typeof(ComputeDevice).Assembly.GetTypes()
                .Where(type => type.Name.EndsWith("Kernel", StringComparison.Ordinal) || type.Name.EndsWith("Kernels", StringComparison.Ordinal))
                .SelectMany(type => type.GetMethods(BindingFlags.Static | BindingFlags.Public | BindingFlags.DeclaredOnly))
                .Where(method => method.ReturnType == typeof(void))
                .Select(method => $"{method.DeclaringType!.Name}.{method.Name}"),
        ];
        IEnumerable<string> loaded = TrainingKernels.Find().Select(kernel => $"{kernel.DeclaringType!.Name}.{kernel.Name}").Distinct();

        // Processors alone run it in place of StagedMaximaKernel.
        Assert.That(loaded, Is.EquivalentTo(kernels.Except([$"{nameof(GroupMaximaKernel)}.Run"])));
    }

    [Test]
    public void EveryEstimatorIsBroughtToADevice()
    {
        IEnumerable<Type> kinds = typeof(EstimatorOptions).Assembly.GetTypes()
            .Where(type => type.IsSubclassOf(typeof(EstimatorOptions)) && !type.IsAbstract);
        Assert.That(TrainingKernels.Estimators.Select(options => options.GetType()).Distinct(), Is.EquivalentTo(kinds));
    }

    // By hand from the CUDA C++ Programming Guide: 65,536 registers are 2,048 for each of 32 threads of a warp, given out in
    // units of 256 a warp; a multiprocessor holds 64 warps, here 16 groups of 4; shared memory 96, 164 and 228 KiB, of which
    // the system takes 1 KiB a group from sm_80 on.
    [TestCase(0, 32, 0, 16, "threads")]
    [TestCase(2, 96, 0, 5, "registers")]
    [TestCase(2, 255, 0, 2, "registers")]
    [TestCase(0, 32, 32896, 2, "shared memory")]
    [TestCase(1, 32, 32896, 4, "shared memory")]
    [TestCase(2, 32, 32896, 6, "shared memory")]
    public void GroupsAMultiprocessorHolds(int architecture, int registers, int shared, int groups, string limit)
    {
        Occupancy occupancy = GpuArchitecture.All[architecture].Occupancy(groupThreads: 128, registers, shared);
        Assert.That((occupancy.Groups, occupancy.Limit), Is.EqualTo((groups, limit)));
        Assert.That(occupancy.Share, Is.EqualTo(groups / 16.0));
    }
}
