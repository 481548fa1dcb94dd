using ILGPU;

namespace KernelPolicy.Kernels.Ilgpu;

/// <summary>The draws of <see cref="MixtureDraws"/>, of which <see cref="UniformPartKernel"/> has made and scored the uniform
/// ones before α_K was known.</summary>
/// <param name="draws">The mixture.</param>
/// <param name="items">Uniform draws [B, S]; −1 where a draw is from κ.</param>
/// <param name="scores">Their scores [B, S].</param>
/// <param name="samples">S.</param>
internal readonly struct ScoredMixtureDraws(MixtureDraws draws, ArrayView<int> items, ArrayView<float> scores, int samples) : IProposal
{
    private readonly MixtureDraws _draws = draws;
    private readonly ArrayView<int> _items = items;
    private readonly ArrayView<float> _scores = scores;
    private readonly int _samples = samples;

    /// <inheritdoc/>
    public void Draw(BatchView batch, int position, int first, int count, ArrayView<int> items, ArrayView<float> logWeights)
    {
        long start = ((long)position * _samples) + first;
        for (int s = Group.IdxX; s < count; s += Group.DimX)
        {
            int item = _items[start + s];
            int place = item >= 0 ? _draws.Heads.Find(position, item) : _draws.DrawHead(batch, position, first + s);
            items[s] = place < 0 ? ~item : ~_draws.Heads.Item(position, place);
            logWeights[s] = place < 0 ? _scores[start + s] : _draws.Heads.LogWeight(position, place);
        }
    }
}

/// <summary>Makes and scores the uniform draws of a mixture, which need no top K: the device's work while the host looks for
/// it.</summary>
/// <remarks>β [P, L], h [B, L] → items and scores [B, S].</remarks>
internal static class UniformPartKernel
{
    /// <summary>Groups: B·parts of 128 draws.</summary>
    public static void Run<TLanes, TTeam, TTable>(
        TTable table, ArrayView<float> queries, BatchView batch, SampledShape shape, MixtureDraws draws, ArrayView<int> keptItems,
        ArrayView<float> keptScores)
        where TLanes : unmanaged, ILanes<TLanes>
        where TTeam : struct, ITeam
        where TTable : struct, ITable
    {
        ArrayView<int> items = SharedMemory.Allocate<int>(SampledShape.Part);
        ArrayView<float> scores = SharedMemory.Allocate<float>(SampledShape.Part);
        int position = Grid.IdxX / shape.Parts;
        int first = Grid.IdxX % shape.Parts * SampledShape.Part;
        int count = Math.Min(SampledShape.Part, shape.Samples - first);
        long start = ((long)position * shape.Samples) + first;
        for (int s = Group.IdxX; s < count; s += Group.DimX)
        {
            int item = draws.DrawUniform(batch, position, first + s);
            keptItems[start + s] = item;
            items[s] = item;
            scores[s] = 0;
        }

        Group.Barrier();
        SampledPassKernel.Score<TLanes, TTeam, TTable>(table, queries, position, count, items, scores);
        Group.Barrier();
        for (int s = Group.IdxX; s < count; s += Group.DimX)
            keptScores[start + s] = scores[s];
    }
}
