using System.Text;

namespace KernelPolicy.Distributed;

/// <summary>What all ranks must have in common before they begin.</summary>
public static class RankAgreement
{
    private const int MostBytes = 4096;

    /// <summary>Gives each rank a text of every other.</summary>
    /// <param name="communicator">The ranks.</param>
    /// <param name="text">This rank's, at most 4096 bytes.</param>
    /// <returns>The texts by rank.</returns>
    public static IReadOnlyList<string> Texts(ICommunicator communicator, string text)
    {
        ArgumentNullException.ThrowIfNull(communicator);
        ArgumentNullException.ThrowIfNull(text);
        string[] texts = new string[communicator.Size];
        byte[] bytes = new byte[MostBytes];
        for (int rank = 0; rank < texts.Length; rank++)
        {
            Array.Clear(bytes);
            if (rank == communicator.Rank && !Encoding.UTF8.TryGetBytes(text, bytes, out _))
                throw new ArgumentException($"The text is longer than {MostBytes} bytes.", nameof(text));
            communicator.Broadcast(bytes, rank);
            int length = bytes.AsSpan().IndexOf((byte)0);
            texts[rank] = Encoding.UTF8.GetString(bytes, 0, length < 0 ? MostBytes : length);
        }

        return texts;
    }

    /// <summary>Throws, on every rank, where a text is not the same on all.</summary>
    /// <param name="communicator">The ranks.</param>
    /// <param name="what">What the text says, for the message: the vector width.</param>
    /// <param name="text">This rank's.</param>
    /// <param name="remedy">What to do about it.</param>
    /// <exception cref="RankFailedException">It is not.</exception>
    public static void Check(ICommunicator communicator, string what, string text, string remedy)
    {
        IReadOnlyList<string> texts = Texts(communicator, text);
        for (int rank = 1; rank < texts.Count; rank++)
        {
            if (texts[rank] != texts[0])
                throw new RankFailedException($"Ranks differ in {what}: rank 0 has {texts[0]}, rank {rank} has {texts[rank]}. {remedy}");
        }
    }
}
