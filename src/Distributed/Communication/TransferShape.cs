namespace KernelPolicy.Distributed;

/// <summary>The checks and counts that all carriers' transfers share.</summary>
internal static unsafe class TransferShape
{
    /// <summary>Throws where a transfer's pieces are not one a rank, or too long.</summary>
    /// <exception cref="ArgumentException">They are not.</exception>
    public static void Check(int size, byte* source, ReadOnlySpan<Piece> outgoing, byte* destination, ReadOnlySpan<Piece> incoming)
    {
        if (source == destination)
            throw new ArgumentException("What is received would overwrite what is sent: the buffers must be two.");
        if (outgoing.Length != size || incoming.Length != size)
            throw new ArgumentException($"There are {outgoing.Length} pieces to send and {incoming.Length} to receive; it takes one for each of {size} ranks.");
        foreach (Piece piece in (ReadOnlySpan<Piece>)[.. outgoing, .. incoming])
        {
            if (piece.Length is < 0 or > int.MaxValue || piece.Offset is < 0 or > int.MaxValue)
                throw new ArgumentException($"A piece of {piece.Length} bytes at {piece.Offset}: both must lie in 0 to {int.MaxValue}.");
        }
    }

    /// <summary>What the pieces for other ranks come to.</summary>
    public static RankTraffic Cost(int rank, ReadOnlySpan<Piece> outgoing)
    {
        RankTraffic cost = default;
        for (int peer = 0; peer < outgoing.Length; peer++)
        {
            if (peer != rank && outgoing[peer].Length > 0)
                cost = cost.Plus(new RankTraffic(1, outgoing[peer].Length));
        }

        return cost;
    }
}
