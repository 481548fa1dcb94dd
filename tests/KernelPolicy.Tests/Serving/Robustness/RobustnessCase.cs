using KernelPolicy.Index;
using KernelPolicy.Kernels;
using KernelPolicy.Policy;
using KernelPolicy.Tests.Support;

namespace KernelPolicy.Tests.Serving;

/// <summary>What a small bundle holds.</summary>
public enum BundleShape
{
    /// <summary>Bias, codes, items of equal vectors, layers above layer 0, ids of all lengths.</summary>
    Full,

    /// <summary>No bias, no codes, no duplicates.</summary>
    Plain,

    /// <summary>As the full one, but for codes in place of the vectors.</summary>
    Codes,

    /// <summary>One item.</summary>
    OneItem,
}

/// <summary>Small bundles that have every section a bundle may have, or none that it need not have.</summary>
internal static class RobustnessCase
{
    /// <summary>The bytes of a bundle.</summary>
    public static byte[] Bytes(BundleShape shape, string folder)
    {
        int items = shape switch { BundleShape.Full or BundleShape.Codes => 70, BundleShape.Plain => 40, _ => 1 };
        const int Dimension = 5;
        bool isRich = shape is BundleShape.Full or BundleShape.Codes;
        Matrix theta = Seeded.Matrix(1, Dimension, Dimension), beta = Seeded.Matrix(2, items, Dimension);
        if (isRich)
        {
            for (int copy = 60; copy < 66; copy++)
                beta.Row(copy % 2 == 0 ? 3 : 50).CopyTo(beta.Row(copy));
        }

        string[] ids = [.. Enumerable.Range(0, items).Select(item => item switch
        {
            7 => "",
            8 => new string('é', ItemIdTable.LongestId / 2),
            _ => $"Ünïcode {item * 31}",
        })];
        using SoftmaxPolicy policy = new(
            theta, beta, ids, new Dictionary<string, string> { ["seed"] = "1", ["estimator"] = "covariance" },
            isRich ? Seeded.Matrix(3, 1, Dimension) : null);
        using WorkerTeam team = new(1);
        HnswTraversal traversal = isRich ? HnswTraversal.Codes : HnswTraversal.Vectors;
        using HnswIndex index = HnswIndex.Build(
            policy.Items, new HnswOptions { M = 4, EfSearch = 20, LongestAsStarts = 6, Traversal = traversal }, team);
        string path = Path.Combine(folder, $"{shape}.kpolicy");
        ServingBundle.Save(path, policy, index, shape == BundleShape.Codes ? BundleItems.Codes : BundleItems.Vectors);
        return File.ReadAllBytes(path);
    }
}
