using KernelPolicy.Kernels;

namespace KernelPolicy.Tests.Index;

/// <summary>Seeded catalogues of several shapes, and queries to them.</summary>
internal static class Catalogues
{
    public enum Shape
    {
        /// <summary>Independent normal numbers: norms nearly equal.</summary>
        Uniform,

        /// <summary>Directions in clusters, norms nearly equal.</summary>
        Clustered,

        /// <summary>Directions in clusters, lognormal norms with a variation of about 1.3, as item factors have.</summary>
        HeavyTailed,
    }

    public static Matrix Make(Shape shape, int items, int columns, ulong seed = 1)
    {
        RandomDraws draws = new(seed, RandomPurpose.Synthetic, 0, 0);
        int clusters = Math.Max(4, items / 100);
        uint pair = 0;
        Matrix centres = new(clusters, columns);
        for (int cluster = 0; cluster < clusters; cluster++)
            FillNormal(centres.Row(cluster), draws, ref pair);
        Matrix result = new(items, columns);
        for (int item = 0; item < items; item++)
        {
            Span<float> row = result.Row(item);
            FillNormal(row, draws, ref pair);
            if (shape == Shape.Uniform)
                continue;
            int cluster = new RandomDraws(seed, RandomPurpose.Synthetic, 1, item).Below(0, clusters);
            ReadOnlySpan<float> centre = centres.Row(cluster);
            float scale = shape == Shape.HeavyTailed ? (float)Math.Exp(draws.Normal(pair++)) : 1;
            for (int i = 0; i < columns; i++)
                row[i] = scale * (centre[i] + (0.6f * row[i]));
        }

        centres.Dispose();
        return result;
    }

    /// <summary>Queries that are means of a few items, as a policy's contexts are.</summary>
    public static Matrix MeansOf(Matrix items, int count, ulong seed = 2)
    {
        RandomDraws draws = new(seed, RandomPurpose.Synthetic, 0, 0);
        Matrix queries = new(count, items.Columns);
        uint draw = 0;
        for (int query = 0; query < count; query++)
        {
            Span<float> row = queries.Row(query);
            int parts = 2 + draws.Below(draw++, 8);
            for (int part = 0; part < parts; part++)
            {
                ReadOnlySpan<float> item = items.Row(draws.Below(draw++, (int)items.Rows));
                for (int i = 0; i < row.Length; i++)
                    row[i] += item[i] / parts;
            }
        }

        return queries;
    }

    private static void FillNormal(Span<float> row, RandomDraws draws, ref uint pair)
    {
        for (int i = 0; i < row.Length; i++)
            row[i] = (float)draws.Normal(pair++);
    }
}
