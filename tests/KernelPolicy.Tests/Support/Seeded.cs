using KernelPolicy.Kernels;

namespace KernelPolicy.Tests.Support;

/// <summary>Random test data; the same seed gives the same data.</summary>
/// <remarks>Drawn from System.Random, so that no test depends on the generator under test.</remarks>
internal static class Seeded
{
    /// <summary>Normal numbers times <paramref name="scale"/>, rounded to single precision.</summary>
    public static float[] Floats(int seed, int count, double scale = 1)
    {
        Random random = new(seed);
        float[] values = new float[count];
        for (int i = 0; i < count; i++)
            values[i] = (float)(scale * Normal(random));
        return values;
    }

    /// <summary>A table of normal numbers times <paramref name="scale"/>.</summary>
    public static Matrix Matrix(int seed, int rows, int columns, double scale = 1)
    {
        Random random = new(seed);
        Matrix table = new(rows, columns);
        for (int row = 0; row < rows; row++)
        {
            foreach (ref float value in table.Row(row))
                value = (float)(scale * Normal(random));
        }

        return table;
    }

    /// <summary>Numbers of items in [0, bound), repeats allowed.</summary>
    public static int[] Items(int seed, int count, int bound)
    {
        Random random = new(seed);
        return [.. Enumerable.Range(0, count).Select(_ => random.Next(bound))];
    }

    /// <summary>The values of a table in double precision [rows, columns].</summary>
    public static double[,] Wide(Matrix table)
    {
        double[,] wide = new double[table.Rows, table.Columns];
        for (int i = 0; i < table.Rows; i++)
        {
            for (int j = 0; j < table.Columns; j++)
                wide[i, j] = table.Row(i)[j];
        }

        return wide;
    }

    /// <summary>A list in double precision.</summary>
    public static double[] Wide(ReadOnlySpan<float> values)
    {
        double[] wide = new double[values.Length];
        for (int i = 0; i < wide.Length; i++)
            wide[i] = values[i];
        return wide;
    }

    /// <summary>A table rounded to single precision.</summary>
    public static Matrix Narrow(double[,] values)
    {
        Matrix table = new(values.GetLength(0), values.GetLength(1));
        for (int i = 0; i < values.GetLength(0); i++)
        {
            for (int j = 0; j < values.GetLength(1); j++)
                table.Row(i)[j] = (float)values[i, j];
        }

        return table;
    }

    private static double Normal(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
