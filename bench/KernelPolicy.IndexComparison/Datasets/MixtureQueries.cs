using KernelPolicy.Kernels;

namespace KernelPolicy.IndexComparison.Datasets;

/// <summary>
/// Queries as a policy makes them: h = the mean of the vectors of a history of five items, three of one cluster, one of
/// another and one from anywhere, plus Gaussian noise of a third of its norm, which stands for what Θ changes.
/// </summary>
internal static class MixtureQueries
{
    private const int HistoryLength = 5;
    private const int FromFirst = 3;
    private const int FromSecond = 1;
    private const double NoiseShare = 1.0 / 3;
    private const long ChoiceStep = 44;
    private const long NoiseStep = 45;

    /// <summary>Draws queries [count, L]; the caller disposes them.</summary>
    public static Matrix Create(GaussianMixture mixture, int count, ulong seed)
    {
        int dimension = mixture.Items.Columns;
        Matrix queries = new(count, dimension);
        float[] noise = new float[dimension];
        for (int query = 0; query < count; query++)
        {
            RandomDraws draws = new(seed, RandomPurpose.Synthetic, ChoiceStep, query);
            Span<float> row = queries.Row(query);
            for (int i = 0; i < HistoryLength; i++)
            {
                ReadOnlySpan<float> item = mixture.Items.Row(Draw(mixture, draws, i));
                for (int j = 0; j < dimension; j++)
                    row[j] += item[j] / HistoryLength;
            }

            Normals.Fill(new RandomDraws(seed, RandomPurpose.Synthetic, NoiseStep, query), noise);
            float scale = (float)(NoiseShare * Normals.Length(row) / Math.Sqrt(dimension));
            for (int j = 0; j < dimension; j++)
                row[j] += scale * noise[j];
        }

        return queries;
    }

    private static int Draw(GaussianMixture mixture, RandomDraws draws, int place)
    {
        int items = (int)mixture.Items.Rows;
        if (place >= FromFirst + FromSecond)
            return draws.Below((uint)(2 + place), items);
        // A cluster is drawn by its size: by an item of it.
        int cluster = mixture.ClusterOf(draws.Below(place < FromFirst ? 0u : 1u, items));
        List<int> members = mixture.Members[cluster];
        return members[draws.Below((uint)(2 + place), members.Count)];
    }
}
