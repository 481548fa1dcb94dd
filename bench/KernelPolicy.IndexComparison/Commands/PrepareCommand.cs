using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using KernelPolicy.IndexComparison.Datasets;
using KernelPolicy.Kernels;

namespace KernelPolicy.IndexComparison.Commands;

/// <summary>`prepare`: makes one dataset, with the exact answers.</summary>
internal sealed class PrepareCommand : Command
{
    private readonly Argument<string> _name = new("dataset")
    {
        Description = "synthetic-PxL (P items, L dimensions), gowalla-v or gowalla-vs (β = V or VΣ).",
    };

    private readonly Option<string> _folder = new("--data") { Description = "Folder to write.", Required = true };

    private readonly Option<int> _queries = new("--queries") { Description = "Queries, Q.", DefaultValueFactory = _ => 1000 };

    private readonly Option<string[]> _gowalla = new("--gowalla")
    {
        Description = "Files of interactions for the Gowalla datasets.",
        AllowMultipleArgumentsPerToken = true,
    };

    private readonly Option<ulong> _seed = new("--seed") { Description = "Seed.", DefaultValueFactory = _ => 1 };

    /// <summary>The command.</summary>
    public PrepareCommand()
        : base("prepare", "Makes a dataset: items, queries, exact answers.")
    {
        Add(_name);
        Add(_folder);
        Add(_queries);
        Add(_gowalla);
        Add(_seed);
        SetAction(parsed => Execute(
            parsed.GetRequiredValue(_name),
            parsed.GetRequiredValue(_folder),
            parsed.GetRequiredValue(_queries),
            parsed.GetValue(_gowalla) ?? [],
            parsed.GetRequiredValue(_seed)));
    }

    private static void Execute(string name, string folder, int count, string[] gowalla, ulong seed)
    {
        long start = Stopwatch.GetTimestamp();
        using WorkerTeam team = new(Environment.ProcessorCount);
        (Matrix items, Matrix queries, string about) = Make(name, count, gowalla, seed, team);
        using (items)
        using (queries)
        {
            GroundTruth truth = GroundTruth.Scan(items, queries, team);
            DatasetMeta meta = new(
                name, (int)items.Rows, items.Columns, (int)queries.Rows, GroundTruth.K, truth.Tied10, truth.TiedK,
                Normals.NormVariation(items), Stopwatch.GetElapsedTime(start).TotalSeconds, about);
            new DatasetFolder(folder).Write(meta, items, queries, truth.Items);
        }
    }

    private static (Matrix Items, Matrix Queries, string About) Make(
        string name, int count, string[] gowalla, ulong seed, WorkerTeam team)
    {
        if (name is "gowalla-v" or "gowalla-vs")
        {
            float power = name == "gowalla-v" ? 0 : 1;
            (Matrix factors, Matrix contexts) = GowallaFactors.Create(gowalla, power, count, team);
            return (factors, contexts, $"Gowalla, β = {(power == 0 ? "V" : "VΣ")} of the training users' histories; "
                + "queries: contexts of test users");
        }

        string[] parts = name.StartsWith("synthetic-", StringComparison.Ordinal) ? name["synthetic-".Length..].Split('x') : [];
        if (parts.Length != 2
            || !int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out int items)
            || !int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out int dimension)
            || items <= GroundTruth.K || dimension < 1)
        {
            throw new ArgumentException(
                $"There is no dataset {name}; give synthetic-PxL with P above {GroundTruth.K}, gowalla-v or gowalla-vs.", nameof(name));
        }

        // Sizes are part of the seed, so that the small catalogues are no excerpts of the large ones.
        ulong own = (seed << 48) + ((ulong)items << 12) + (ulong)dimension;
        GaussianMixture mixture = GaussianMixture.Create(items, dimension, own, team);
        return (mixture.Items, MixtureQueries.Create(mixture, count, own),
            $"Gaussian mixture of {mixture.Members.Count} clusters, Pareto norms of shape 3, seed {seed}; "
            + "queries: noisy means of five items");
    }
}
