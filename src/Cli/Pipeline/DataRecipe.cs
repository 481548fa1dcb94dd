using KernelPolicy.Cli.Options;
using KernelPolicy.Data;

namespace KernelPolicy.Cli.Pipeline;

/// <summary>All that decides which users and items there are and how they are divided. A policy carries it, so that its
/// evaluation finds the users that it was not trained on.</summary>
/// <param name="Source">Where interactions come from.</param>
/// <param name="Split">How users are divided.</param>
/// <param name="Seed">Names the draws of the split, and of the synthetic log.</param>
internal sealed record DataRecipe(DataSource Source, SplitOptions Split, ulong Seed)
{
    /// <summary>The same, to be found from any folder.</summary>
    public DataRecipe WithFullPaths() => this with { Source = Source with { Files = [.. Source.Files.Select(Path.GetFullPath)] } };
}
