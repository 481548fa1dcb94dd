namespace KernelPolicy.Tests.Reference;

/// <summary>
/// Products of small tables in double precision, written as the sums they are. Tables are row-major: β [P, L],
/// Θ [L, L], X and G [B, L]. Source: algorithm.md, notation.
/// </summary>
internal static class Linear
{
    /// <summary>Σ_i a_i b_i of two lists of one length.</summary>
    public static double Dot(double[] a, double[] b)
    {
        double sum = 0;
        for (int i = 0; i < a.Length; i++)
            sum += a[i] * b[i];
        return sum;
    }

    /// <summary>h_j = Σ_i x_i Θ_ij: x [L] and Θ [L, M] give h [M].</summary>
    public static double[] Project(double[] x, double[,] theta)
    {
        double[] h = new double[theta.GetLength(1)];
        for (int i = 0; i < x.Length; i++)
        {
            for (int j = 0; j < h.Length; j++)
                h[j] += x[i] * theta[i, j];
        }

        return h;
    }

    /// <summary>f_a = Σ_j h_j β_aj: h [L] and β [P, L] give f [P].</summary>
    public static double[] Scores(double[] h, double[,] beta)
    {
        double[] f = new double[beta.GetLength(0)];
        for (int a = 0; a < f.Length; a++)
            f[a] = Dot(h, Row(beta, a));
        return f;
    }

    /// <summary>Σ_j c_j β_{a_j}: n items with coefficients and β [P, L] give [L].</summary>
    public static double[] WeightedRows(IReadOnlyList<int> items, double[] coefficients, double[,] beta)
    {
        double[] sum = new double[beta.GetLength(1)];
        for (int j = 0; j < items.Count; j++)
        {
            for (int k = 0; k < sum.Length; k++)
                sum[k] += coefficients[j] * beta[items[j], k];
        }

        return sum;
    }

    /// <summary>(1/B) Xᵀ G, the gradient of a batch: entry (i, j) = (1/B) Σ_b x_bi g_bj; X, G [B, L] give [L, L].</summary>
    public static double[,] BatchGradient(double[,] contexts, double[][] g)
    {
        int batch = contexts.GetLength(0);
        double[,] sum = new double[contexts.GetLength(1), g[0].Length];
        for (int b = 0; b < batch; b++)
        {
            for (int i = 0; i < sum.GetLength(0); i++)
            {
                for (int j = 0; j < sum.GetLength(1); j++)
                    sum[i, j] += contexts[b, i] * g[b][j] / batch;
            }
        }

        return sum;
    }

    /// <summary>One row of a table.</summary>
    public static double[] Row(double[,] table, int row)
    {
        double[] values = new double[table.GetLength(1)];
        for (int j = 0; j < values.Length; j++)
            values[j] = table[row, j];
        return values;
    }

    /// <summary>All entries of a table, row after row.</summary>
    public static double[] Flat(double[,] table)
    {
        double[] values = new double[table.Length];
        Buffer.BlockCopy(table, 0, values, 0, table.Length * sizeof(double));
        return values;
    }
}
