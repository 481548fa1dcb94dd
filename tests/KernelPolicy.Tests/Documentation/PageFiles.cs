using KernelPolicy.Index;
using KernelPolicy.Kernels;
using KernelPolicy.Policy;
using KernelPolicy.Tests.Cli;
using NUnit.Framework;

namespace KernelPolicy.Tests.Documentation;

/// <summary>A folder with the files that the pages name: ratings.csv, decisions.csv and a bundle in run.</summary>
internal sealed class PageFiles : IDisposable
{
    private const int Items = 400;
    private const int Dimension = 16;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("kernelpolicy-pages-");

    public PageFiles()
    {
        Generate("generate", "--items", $"{Items}", "--users", "300", "--clusters", "8", "--mean-draws", "60", "--out", PathOf("ratings.csv"));
        Generate("generate-log", "--items", "20", "--dim", "8", "--decisions", "1500", "--out", PathOf("decisions.csv"));
        Directory.CreateDirectory(PathOf("run"));
        SaveBundle(PathOf("run/model.kpolicy"));
    }

    /// <summary>Copies the files to a folder of their own, deleted with the test's.</summary>
    public string CopyFor(string page)
    {
        string folder = Directory.CreateDirectory(PathOf(Path.GetFileNameWithoutExtension(page))).FullName;
        Directory.CreateDirectory(Path.Combine(folder, "run"));
        foreach (string file in new[] { "ratings.csv", "decisions.csv", "run/model.kpolicy" })
            File.Copy(PathOf(file), Path.Combine(folder, file), overwrite: true);
        return folder;
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private static void Generate(params string[] arguments)
    {
        ToolRun run = ToolRun.Of([.. arguments, "--json"]);
        Assert.That(run.Code, Is.Zero, run.Error);
    }

    // Items 1 to 400, as MovieLens numbers its films.
    private static void SaveBundle(string path)
    {
        using WorkerTeam team = new(1);
        Matrix theta = new(Dimension, Dimension), items = new(Items, Dimension);
        Random random = new(1);
        for (int i = 0; i < Dimension; i++)
            theta.Row(i)[i] = 1;
        for (int item = 0; item < Items; item++)
        {
            foreach (ref float value in items.Row(item))
                value = (float)random.NextDouble() - 0.5f;
        }

        using SoftmaxPolicy policy = new(theta, items, [.. Enumerable.Range(1, Items).Select(id => $"{id}")], new Dictionary<string, string>());
        using HnswIndex index = HnswIndex.Build(items, new HnswOptions { Metric = HnswMetric.NormAugmented }, team);
        ServingBundle.Save(path, policy, index);
    }

    private string PathOf(string name) => Path.Combine(_folder.FullName, name);
}
