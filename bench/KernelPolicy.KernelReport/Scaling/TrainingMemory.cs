using KernelPolicy.Bench;

namespace KernelPolicy.KernelReport.Scaling;

/// <summary>What a training on the processor keeps in memory, and where that ends.</summary>
/// <remarks>
/// <para>An item: its row of β; with a graph its codes, 2·M links and a 1/M of upper rows, its number twice, a scale and a level; with REINFORCE
/// the B weights of a batch and their sums by twelve.</para>
/// <para>A context: X + Y item numbers of 4 bytes, and 8 bytes of an offset in each of the two lists.</para>
/// <para>Beside that Θ, its gradient and Adam's moments, 4·L rows, which no catalogue notices.</para>
/// </remarks>
/// <param name="Dimension">L.</param>
/// <param name="BatchSize">B.</param>
/// <param name="History">X.</param>
/// <param name="Rewarded">Y.</param>
/// <param name="M">M of the graph.</param>
internal sealed record TrainingMemory(int Dimension, double BatchSize = 32, double History = 10, double Rewarded = 10, double M = 32)
{
    private const double Number = sizeof(float);

    private StepBytes Step => new(1, Dimension, BatchSize, History, Rewarded);

    /// <summary>Bytes of an item where nothing but β is kept: exact, uniform, and whatever scans.</summary>
    public double PlainItem => Step.Row;

    /// <summary>Bytes of an item that a graph finds.</summary>
    public double GraphItem => Step.Row + Step.CodeRow + (2 * M * Number * (1 + (1 / M))) + (2 * Number) + 2;

    /// <summary>Bytes of an item that REINFORCE draws.</summary>
    public double ReinforceItem => Step.Row + (BatchSize * Number * (1 + (1.0 / 12)));

    /// <summary>Bytes of a context.</summary>
    public double Context => (Number * (History + Rewarded)) + (2 * sizeof(long));

    /// <summary>Bytes of a training.</summary>
    public double Total(double items, double item, double contexts) => (items * item) + (contexts * Context) + (4 * Dimension * Step.Row);

    /// <summary>The largest P that fits beside N contexts; 0 where these do not fit themselves.</summary>
    public double MostItems(double memory, double item, double contexts) => Math.Max(0, Math.Floor((memory - Total(0, item, contexts)) / item));

    /// <summary>The largest N that fits beside P items; 0 where these do not fit themselves.</summary>
    public double MostContexts(double memory, double item, double items) => Math.Max(0, Math.Floor((memory - Total(items, item, 0)) / Context));
}
