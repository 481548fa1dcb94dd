using KernelPolicy.Cli.Pipeline;
using KernelPolicy.Policy;

namespace KernelPolicy.Cli.Commands;

/// <summary>What a log says of a policy's value, as --json writes it.</summary>
/// <param name="Policy">Folder of the policy, uniform, or the column with its probabilities.</param>
/// <param name="Items">P.</param>
/// <param name="Decisions">N, decisions evaluated on.</param>
/// <param name="Part">Which part of the log.</param>
/// <param name="Propensities">logged or fitted.</param>
/// <param name="LoggingValue">Mean reward: the value of the policy that made the log.</param>
/// <param name="TrueValues">Exact values; known for synthetic logs alone.</param>
/// <param name="Evaluation">Estimates, intervals, diagnostics, warnings.</param>
internal sealed record EvaluateLogReport(
    string Policy,
    int Items,
    int Decisions,
    string Part,
    string Propensities,
    double LoggingValue,
    TrueValues? TrueValues,
    OffPolicyReport Evaluation);
