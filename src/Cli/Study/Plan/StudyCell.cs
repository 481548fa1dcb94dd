namespace KernelPolicy.Cli.Study;

/// <summary>What a cell measures.</summary>
internal enum CellKind
{
    /// <summary>Milliseconds a training step.</summary>
    Steps,

    /// <summary>The reward on held-out users, by epoch and by time.</summary>
    Learning,
}

/// <summary>One measurement. Questions share cells: what two of them ask is measured once.</summary>
/// <param name="Kind">What is measured.</param>
/// <param name="Catalogue">On what.</param>
/// <param name="Dimension">L.</param>
/// <param name="Method">By what.</param>
/// <param name="Seed">Names its draws: of the split, of the order and of the estimator.</param>
internal sealed record StudyCell(CellKind Kind, StudyCatalogue Catalogue, int Dimension, StudyMethod Method, ulong Seed)
{
    /// <summary>The name of the cell, and of its file.</summary>
    public string Name => FormattableString.Invariant(
        $"{(Kind == CellKind.Steps ? "steps" : "learning")}.{Catalogue.Name}.L{Dimension}.{Method.Slug}.seed{Seed}");
}
