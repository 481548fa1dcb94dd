namespace KernelPolicy.Tests.Reference;

/// <summary>
/// J = (1/B) Σ_i Σ_a π(a|x_i) r_ia in double precision with a corrected query, h = z + (zU)V + b, z = xΘ, and contexts that are
/// means of β over histories where asked: what the gradients of U, V, b and β are compared with. Source: algorithm.md, objective.
/// </summary>
internal sealed record ItemObjective(double[,] Contexts, double[,] Theta, double[,] Beta, double[][] Rewards)
{
    public double[,]? U { get; init; }

    public double[,]? V { get; init; }

    public double[,]? Bias { get; init; }

    /// <summary>X of each context, where x is to follow β.</summary>
    public int[][]? Histories { get; init; }

    /// <summary>J.</summary>
    public double Value()
    {
        double sum = 0;
        for (int i = 0; i < Rewards.Length; i++)
        {
            double[] pi = Softmax.Weights(Linear.Scores(Query(i), Beta));
            sum += Linear.Dot(pi, Rewards[i]);
        }

        return sum / Rewards.Length;
    }

    /// <summary>∂J/∂t of each entry of a table t that is part of this, by central differences: error about 1e-10 for values of order
    /// one (Objective.FiniteDifferences).</summary>
    public double[,] Differences(double[,] table, double delta = 1e-5)
    {
        double[,] gradient = new double[table.GetLength(0), table.GetLength(1)];
        for (int i = 0; i < table.GetLength(0); i++)
        {
            for (int j = 0; j < table.GetLength(1); j++)
            {
                double old = table[i, j];
                table[i, j] = old + delta;
                double up = Value();
                table[i, j] = old - delta;
                gradient[i, j] = (up - Value()) / (2 * delta);
                table[i, j] = old;
            }
        }

        return gradient;
    }

    private double[] Query(int context)
    {
        double[] z = Linear.Project(Context(context), Theta);
        double[] h = [.. z];
        if (U is not null && V is not null)
        {
            double[] low = Linear.Project(Linear.Project(z, U), V);
            for (int l = 0; l < h.Length; l++)
                h[l] += low[l];
        }

        for (int l = 0; l < h.Length && Bias is not null; l++)
            h[l] += Bias[0, l];
        return h;
    }

    private double[] Context(int context)
    {
        if (Histories is null)
            return Linear.Row(Contexts, context);
        double[] x = new double[Beta.GetLength(1)];
        foreach (int item in Histories[context])
        {
            for (int l = 0; l < x.Length; l++)
                x[l] += Beta[item, l] / Histories[context].Length;
        }

        return x;
    }
}
