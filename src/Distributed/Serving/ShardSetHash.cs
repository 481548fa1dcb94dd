using System.IO.Hashing;
using System.Runtime.InteropServices;
using System.Text;
using KernelPolicy.Kernels;
using KernelPolicy.Policy;

namespace KernelPolicy.Distributed;

/// <summary>What tells a set of shards from those of other trainings: XxHash128 of all that decides scores and names.</summary>
internal static class ShardSetHash
{
    /// <summary>Hexadecimal digits of the hash, in lower case.</summary>
    public static string Of(SoftmaxPolicy policy, BundleItems items, int shards)
    {
        XxHash128 hash = new();
        Span<long> shape = [policy.Items.Rows, policy.Items.Columns, (long)items, policy.Bias is null ? 0 : 1, shards];
        hash.Append(MemoryMarshal.AsBytes(shape));
        Append(hash, policy.Theta);
        if (policy.Bias is { } bias)
            Append(hash, bias);
        Append(hash, policy.Items);
        foreach (string id in policy.ItemIds)
            Append(hash, id);
        return Convert.ToHexStringLower(hash.GetCurrentHash());
    }

    /// <summary>Of a bundle that was not written as a shard, and whose tables nobody has read: of what it says of its training.</summary>
    public static string OfFacts(IReadOnlyDictionary<string, string> facts, int count, int dimension)
    {
        XxHash128 hash = new();
        Span<long> shape = [count, dimension];
        hash.Append(MemoryMarshal.AsBytes(shape));
        foreach ((string name, string value) in facts.OrderBy(fact => fact.Key, StringComparer.Ordinal))
        {
            Append(hash, name);
            Append(hash, value);
        }

        return Convert.ToHexStringLower(hash.GetCurrentHash());
    }

    private static void Append(XxHash128 hash, string text)
    {
        byte[] utf8 = Encoding.UTF8.GetBytes(text);
        Span<int> length = [utf8.Length];
        hash.Append(MemoryMarshal.AsBytes(length));
        hash.Append(utf8);
    }

    private static void Append(XxHash128 hash, Matrix table)
    {
        for (long row = 0; row < table.Rows; row++)
            hash.Append(MemoryMarshal.AsBytes(table.Row(row)));
    }
}
