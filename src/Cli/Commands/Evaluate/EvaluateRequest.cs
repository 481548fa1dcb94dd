using System.CommandLine;
using KernelPolicy.Cli.Options;

namespace KernelPolicy.Cli.Commands;

/// <summary>An evaluation, as asked for.</summary>
/// <param name="Policy">Folder of a training, or a policy.</param>
/// <param name="Data">Where users come from; synthetic where none is named, which means those of the training.</param>
/// <param name="Users">Which part of the users: test, validation, train or all.</param>
/// <param name="Index">Which index recommends.</param>
/// <param name="Threads">Threads.</param>
/// <param name="Output">How results are shown.</param>
internal sealed record EvaluateRequest(
    string Policy, DataSource Data, string Users, IndexChoice Index, int Threads, OutputChoice Output);

/// <summary>All options of an evaluation.</summary>
internal sealed class EvaluateOptionSet : OptionSet<EvaluateRequest>
{
    private readonly PolicyOptionSet _policy = new();
    private readonly DataOptionSet _data = new("Files of interactions. Without any, those that the policy was trained on.");
    private readonly IndexOptionSet _index = new();
    private readonly ThreadOptionSet _threads = new();
    private readonly OutputOptionSet _output = new();

    private readonly Option<string> _users = OptionFactory.Choice(
        "--users", "Which users: those kept for the test, for validation, those trained on, or all of them.",
        "test", "validation", "train", "all");

    /// <inheritdoc/>
    public override IEnumerable<Option> All =>
        [.. _policy.All, .. _data.All, _users, .. _index.All, .. _threads.All, .. _output.All];

    /// <inheritdoc/>
    public override EvaluateRequest Bind(ParseResult parsed) => new(
        _policy.Bind(parsed),
        _data.Bind(parsed),
        parsed.GetRequiredValue(_users),
        _index.Bind(parsed),
        _threads.Bind(parsed),
        _output.Bind(parsed));
}
