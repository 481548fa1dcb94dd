using KernelPolicy.Kernels;

namespace KernelPolicy.Tests.Support;

/// <summary>Runs a test once for each vector width that the processor executes itself.</summary>
/// <remarks>The width is a setting of the process: tests that use this do not run beside others.</remarks>
internal static class Widths
{
    public static void Each(Action<int> test)
    {
        int before = SimdPath.Width;
        try
        {
            foreach (int width in new[] { 512, 256, 128 }.Where(SimdPath.IsWidthAccelerated))
            {
                SimdPath.Force(width);
                test(width);
            }
        }
        finally
        {
            SimdPath.Force(before);
        }
    }
}
