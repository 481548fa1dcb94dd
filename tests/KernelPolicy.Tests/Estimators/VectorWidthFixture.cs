using KernelPolicy.Kernels;
using NUnit.Framework;

namespace KernelPolicy.Tests.Estimators;

/// <summary>Runs all tests of a fixture at one vector width, then restores the process's own.</summary>
/// <remarks>The width is a setting of the process: such fixtures do not run beside others.</remarks>
public abstract class VectorWidthFixture(int width)
{
    private readonly int _before = SimdPath.Width;

    [OneTimeSetUp]
    public void ForceWidth()
    {
        if (!SimdPath.IsWidthAccelerated(width))
            Assert.Ignore($"This processor does not execute vectors of {width} bits.");
        SimdPath.Force(width);
    }

    [OneTimeTearDown]
    public void RestoreWidth() => SimdPath.Force(_before);
}
