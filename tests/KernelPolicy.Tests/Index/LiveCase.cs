using System.IO.Hashing;
using System.Runtime.InteropServices;
using KernelPolicy.Index;
using KernelPolicy.Kernels;
using NUnit.Framework;

namespace KernelPolicy.Tests.Index;

/// <summary>A catalogue of which a graph knows the first part, so that the second can be added; some of it twice.</summary>
internal sealed class LiveCase : IDisposable
{
    /// <summary>Items that the graph is built of.</summary>
    public const int Old = 4000;

    /// <summary>Items to add.</summary>
    public const int New = 800;

    /// <summary>Number of queries.</summary>
    public const int QueryCount = 60;

    public LiveCase()
    {
        All = Catalogues.Make(Catalogues.Shape.HeavyTailed, Old + New, 20);
        for (int i = 0; i < 30; i++)
            All.Row(i % 10).CopyTo(All.Row(Old + (20 * i)));

        // The longest of all, and the largest code, comes last.
        foreach (ref float value in All.Row(Old + New - 1))
            value = 300;
        OldItems = Rows(0, Old);
        Queries = Catalogues.MeansOf(All, QueryCount);
        Team = new WorkerTeam(2);
        Built = HnswIndex.Build(OldItems, Options, Team);
    }

    public static HnswOptions Options { get; } = new() { M = 8, EfSearch = 40 };

    public Matrix All { get; }

    public Matrix OldItems { get; }

    public Matrix Queries { get; }

    public WorkerTeam Team { get; }

    /// <summary>The graph of the old items.</summary>
    public HnswIndex Built { get; }

    /// <summary>Adds all new items, in so many batches.</summary>
    public void AddAll(LiveIndex live, WorkerTeam team, int batches)
    {
        int first = Old;
        for (int batch = 0; batch < batches; batch++)
        {
            int end = Old + (New * (batch + 1) / batches);
            using Matrix some = Rows(first, end - first);
            Assert.That(live.Add(some, team), Is.EqualTo(first));
            first = end;
        }
    }

    /// <summary>Some of all items, as a table of their own.</summary>
    public Matrix Rows(int first, int count)
    {
        Matrix rows = new(count, All.Columns);
        for (int i = 0; i < count; i++)
            All.Row(first + i).CopyTo(rows.Row(i));
        return rows;
    }

    /// <summary>What two graphs share only if they are the same.</summary>
    public static string Print(HnswGraph graph)
    {
        XxHash3 hash = new();
        hash.Append(MemoryMarshal.AsBytes(graph.Vectors.ItemOf));
        hash.Append(graph.Levels);
        for (int node = 0; node < graph.Nodes; node++)
        {
            for (int layer = 0; layer <= graph.Levels[node]; layer++)
            {
                hash.Append(MemoryMarshal.AsBytes(graph.Links(layer, node)));
                hash.Append([255]);
            }
        }

        return $"{graph.Entry} {graph.Starts} {hash.GetCurrentHashAsUInt64():x}";
    }

    public void Dispose()
    {
        Built.Dispose();
        Team.Dispose();
        Queries.Dispose();
        OldItems.Dispose();
        All.Dispose();
    }
}
