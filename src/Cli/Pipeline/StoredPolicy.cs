using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using KernelPolicy.Cli.Display;
using KernelPolicy.Cli.Options;
using KernelPolicy.Cli.Output;
using KernelPolicy.Index;
using KernelPolicy.Kernels;
using KernelPolicy.Policy;

namespace KernelPolicy.Cli.Pipeline;

/// <summary>A policy from the folder of a training, with what the folder holds beside it.</summary>
internal sealed class StoredPolicy : IDisposable
{
    private readonly RunFolder _folder;

    private StoredPolicy(RunFolder folder, SoftmaxPolicy policy) => (_folder, Policy) = (folder, policy);

    /// <summary>The policy.</summary>
    public SoftmaxPolicy Policy { get; }

    /// <summary>The folder that it lies in.</summary>
    public RunFolder Folder => _folder;

    /// <summary>Loads the policy that a path names.</summary>
    /// <exception cref="IOException">There is none.</exception>
    /// <exception cref="InvalidDataException">It is damaged.</exception>
    public static StoredPolicy Load(string path)
    {
        RunFolder folder = RunFolder.Find(path);
        return new StoredPolicy(folder, PolicyFile.Load(folder.Policy));
    }

    /// <summary>The data that it was trained on, or null where it does not say.</summary>
    /// <exception cref="InvalidDataException">What it says cannot be read.</exception>
    public DataRecipe? Recipe => Fact(PolicyFact.Recipe, ToolJson.Default.DataRecipe);

    /// <summary>The log of decisions that it was trained on, or null where it was not.</summary>
    /// <exception cref="InvalidDataException">What it says cannot be read.</exception>
    public LogRecipe? LogRecipe => Fact(PolicyFact.LogRecipe, ToolJson.Default.LogRecipe);

    /// <summary>The index that was asked for: the graph of the training, where the choice is for a graph and there is
    /// one, searched as widely as at the training's end unless asked for otherwise.</summary>
    public IMipsIndex Index(IndexChoice choice, WorkerTeam team, IRunProgress progress, CancellationToken cancellation)
    {
        bool isStored = File.Exists(_folder.Index);
        if (choice.Kind == "exact" || !isStored)
        {
            bool isGraph = IndexFactory.IsGraph(choice, Policy.Items.Rows, Policy.Items.Columns, askedK: 0);
            return IndexFactory.Build(choice, isGraph, Policy.Items, contexts: null, Recipe?.Seed ?? 1, team, progress, cancellation);
        }

        using HnswIndex stored = HnswIndex.Load(_folder.Index, Policy.Items);
        return stored.WithEfSearch(choice.EfSearchIsGiven ? choice.EfSearch : stored.Options.EfSearch);
    }

    /// <inheritdoc/>
    public void Dispose() => Policy.Dispose();

    private T? Fact<T>(string name, JsonTypeInfo<T> type)
        where T : class
    {
        if (!Policy.Facts.TryGetValue(name, out string? json))
            return null;
        try
        {
            return JsonSerializer.Deserialize(json, type);
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{_folder.Policy}: its fact '{name}' must be JSON of a {typeof(T).Name}: {e.Message}", e);
        }
    }
}
