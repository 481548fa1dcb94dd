using BenchmarkDotNet.Attributes;
using KernelPolicy.Kernels;

namespace KernelPolicy.Benchmarks;

/// <summary>What the kernels work on: P = 100,000, L = 100, B = 32, S = 1000, K = 256, one thread, by every vector width that the processor
/// executes itself.</summary>
[MemoryDiagnoser]
public abstract class KernelCase
{
    private protected const int Catalogue = 100_000;
    private protected const int Dimension = 100;
    private protected const int BatchSize = 32;
    private protected const int Samples = 1000;
    private protected const int K = 256;
    private protected const ulong Seed = 1;

    private long _step;

    /// <summary>The widths.</summary>
    public static IEnumerable<int> Widths => ((int[])[512, 256, 128]).Where(SimdPath.IsWidthAccelerated);

    /// <summary>Bits of a vector.</summary>
    [ParamsSource(nameof(Widths))]
    public int Width { get; set; }

    private protected WorkerTeam Team { get; } = new(1);

    private protected Matrix Items { get; } = new(Catalogue, Dimension);

    private protected Matrix Queries { get; } = new(BatchSize, Dimension);

    /// <summary>Draws of a step that no call had before: repeated ones would find their rows in the cache.</summary>
    private protected RandomDraws NextDraws => new(Seed, RandomPurpose.Proposal, _step++, 0);

    /// <summary>Takes the width, then fills what every case has.</summary>
    [GlobalSetup]
    public void SetUp()
    {
        SimdPath.Force(Width);
        Fill(Items);
        Fill(Queries);
        Prepare();
    }

    private protected virtual void Prepare()
    {
    }

    private protected static void Fill(Matrix matrix)
    {
        for (long row = 0; row < matrix.Rows; row++)
        {
            var draws = new RandomDraws(Seed, RandomPurpose.Synthetic, row, matrix.Columns);
            for (int column = 0; column < matrix.Columns; column++)
                matrix.Row(row)[column] = 0.1f * (float)draws.Normal((uint)column);
        }
    }

    private protected static int[] DrawItems(int count)
    {
        int[] items = new int[count];
        UniformProposal.Draw(new RandomDraws(Seed, RandomPurpose.Synthetic, 0, -1), Catalogue, items);
        return items;
    }
}
