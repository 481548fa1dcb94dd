using KernelPolicy.Kernels;

namespace KernelPolicy.Tests.Simd;

/// <summary>A reward of either sign that depends on query and item.</summary>
internal sealed class BlockReward : IBlockReward
{
    public static BlockReward Instance { get; } = new();

    public static float Of(int query, int item) => (((item * 7) + (query * 3)) % 11) - 4;

    public void Fill(int query, int firstItem, Span<float> rewards)
    {
        for (int i = 0; i < rewards.Length; i++)
            rewards[i] = Of(query, firstItem + i);
    }
}
