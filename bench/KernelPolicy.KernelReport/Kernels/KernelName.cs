using System.Reflection;

namespace KernelPolicy.KernelReport.Kernels;

/// <summary>Names of kernels, for readers and for files.</summary>
internal static class KernelName
{
    /// <summary>Class, method where it is not Run, and what the kernel was written over.</summary>
    public static string Of(MethodInfo kernel)
    {
        string name = kernel.DeclaringType!.Name;
        if (kernel.Name != "Run")
            name += "." + kernel.Name;
        return kernel.IsGenericMethod ? $"{name}<{string.Join(", ", kernel.GetGenericArguments().Select(type => type.Name))}>" : name;
    }

    /// <summary>The same in letters that file names may have.</summary>
    public static string ForFile(MethodInfo kernel) =>
        Of(kernel).Replace("<", "-", StringComparison.Ordinal).Replace(", ", "-", StringComparison.Ordinal).Replace(">", "", StringComparison.Ordinal);
}
