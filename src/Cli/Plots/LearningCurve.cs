using KernelPolicy.Policy;

namespace KernelPolicy.Cli.Plots;

/// <summary>What a learning-curve picture shows: rewards on held-out users.</summary>
/// <param name="Validation">Validation reward after each epoch, rising by epoch.</param>
internal sealed record LearningCurve(IReadOnlyList<(int Epoch, double Reward)> Validation)
{
    /// <summary>What the curve shows, above it.</summary>
    public string Title { get; init; } = "Reward on held-out users";

    /// <summary>Reward of the policy that made the log; null where there is none.</summary>
    public double? Logging { get; init; }

    /// <summary>One line on what was trained, below the title.</summary>
    public string Subtitle { get; init; } = "";

    /// <summary>Reward before training, the curve's point at epoch 0; null where unknown.</summary>
    public double? Initial { get; init; }

    /// <summary>Reward of recommending the most popular item to everyone; null where unknown.</summary>
    public double? Popularity { get; init; }

    /// <summary>Reward of the best possible policy; null where nobody knows it, as on real data.</summary>
    public double? BestPossible { get; init; }

    /// <summary>The audits of the gradient, a panel of their own; empty for none.</summary>
    public IReadOnlyList<GradientAudit> Gradients { get; init; } = [];
}
