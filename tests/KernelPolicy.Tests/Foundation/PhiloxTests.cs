using CsCheck;
using KernelPolicy.Kernels;
using KernelPolicy.Tests.Reference;
using NUnit.Framework;

namespace KernelPolicy.Tests.Foundation;

public class PhiloxTests
{
    // Random123's kat_vectors for philox4x32-10.
    private static readonly uint[][][] KnownAnswers =
    [
        [[0, 0, 0, 0], [0, 0], [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8]],
        [
            [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff], [0xffffffff, 0xffffffff],
            [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd],
        ],
        [
            [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344], [0xa4093822, 0x299f31d0],
            [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
        ],
    ];

    [TestCaseSource(nameof(KnownAnswers))]
    public void Gives_the_known_answers(uint[] counter, uint[] key, uint[] expected)
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Block(counter, key), Is.EqualTo(expected));
            Assert.That(PhiloxWords.Block(counter, key), Is.EqualTo(expected), "the reference");
        }
    }

    [Test]
    public void Agrees_with_whole_number_arithmetic() =>
        Gen.Select(Gen.UInt.Array[4], Gen.UInt.Array[2]).Sample(
            (counter, key) => Block(counter, key).AsSpan().SequenceEqual(PhiloxWords.Block(counter, key)),
            iter: 2000, threads: 1);

    private static uint[] Block(uint[] c, uint[] k)
    {
        (uint w0, uint w1, uint w2, uint w3) = Philox.Block(c[0], c[1], c[2], c[3], k[0], k[1]);
        return [w0, w1, w2, w3];
    }
}
