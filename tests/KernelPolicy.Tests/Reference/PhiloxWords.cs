using System.Numerics;

namespace KernelPolicy.Tests.Reference;

/// <summary>
/// Philox4x32-10 in whole-number arithmetic (Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2,
/// 3", SC 2011, section 3): ten rounds of
/// (c0, c1, c2, c3) → (hi(M1·c2) ^ c1 ^ k0, lo(M1·c2), hi(M0·c0) ^ c3 ^ k1, lo(M0·c0)), the key raised between rounds by
/// the Weyl constants ⌊2^32 (φ − 1)⌋ and ⌊2^32 (√3 − 1)⌋.
/// </summary>
internal static class PhiloxWords
{
    private static readonly BigInteger Word = BigInteger.One << 32;
    private static readonly BigInteger M0 = 0xD2511F53;
    private static readonly BigInteger M1 = 0xCD9E8D57;
    private static readonly BigInteger W0 = new((Math.Sqrt(5) - 1) / 2 * 4294967296.0);
    private static readonly BigInteger W1 = new((Math.Sqrt(3) - 1) * 4294967296.0);

    /// <summary>Counter of four words and key of two give four words.</summary>
    public static uint[] Block(uint[] counter, uint[] key)
    {
        BigInteger[] c = [.. counter.Select(w => new BigInteger(w))];
        BigInteger k0 = key[0];
        BigInteger k1 = key[1];
        for (int round = 0; round < 10; round++)
        {
            BigInteger p0 = M0 * c[0];
            BigInteger p1 = M1 * c[2];
            c = [(p1 / Word) ^ c[1] ^ k0, p1 % Word, (p0 / Word) ^ c[3] ^ k1, p0 % Word];
            k0 = (k0 + W0) % Word;
            k1 = (k1 + W1) % Word;
        }

        return [.. c.Select(w => (uint)w)];
    }
}
