using System.CommandLine;
using KernelPolicy.Cli.Options;

namespace KernelPolicy.Cli.Commands;

/// <summary>Recommendations, as asked for.</summary>
/// <param name="Policy">Folder of a training, or a policy.</param>
/// <param name="History">Item ids of one history; empty where they are in a file.</param>
/// <param name="File">A file with one history a line; "-" for the standard input; null where there is one history.</param>
/// <param name="Features">Name and text of each feature of one context; empty where contexts are histories.</param>
/// <param name="Count">N.</param>
/// <param name="IncludeHistory">Whether items of the history may be recommended.</param>
/// <param name="Index">Which index recommends.</param>
/// <param name="Threads">Threads.</param>
/// <param name="Output">How results are shown.</param>
internal sealed record RecommendRequest(
    string Policy,
    IReadOnlyList<string> History,
    string? File,
    IReadOnlyDictionary<string, string> Features,
    int Count,
    bool IncludeHistory,
    IndexChoice Index,
    int Threads,
    OutputChoice Output);

/// <summary>All options of recommendations.</summary>
internal sealed class RecommendOptionSet : OptionSet<RecommendRequest>
{
    private readonly PolicyOptionSet _policy = new();
    private readonly IndexOptionSet _index = new();
    private readonly ThreadOptionSet _threads = new();
    private readonly OutputOptionSet _output = new();

    private readonly Option<string[]> _history = OptionFactory.Texts("--history", "Ids of the items of one history.", "ITEM");

    private readonly Option<string?> _file = OptionFactory.Text(
        "--histories", "File with one history a line, ids apart by spaces; - reads the standard input.", "FILE");

    private readonly Option<string[]> _features = OptionFactory.Texts(
        "--feature", "Features of one context, where the policy was trained on such: each NAME=VALUE.", "NAME=VALUE");

    private readonly Option<int> _count = OptionFactory.Number("--count", "Items to recommend to each.", 10, 1, 10_000);

    private readonly Option<bool> _include = OptionFactory.Switch(
        "--include-history", "Recommend items of the history as well.");

    /// <inheritdoc/>
    public override IEnumerable<Option> All =>
        [.. _policy.All, _history, _file, _features, _count, _include, .. _index.All, .. _threads.All, .. _output.All];

    /// <inheritdoc/>
    public override RecommendRequest Bind(ParseResult parsed)
    {
        string[] history = parsed.GetValue(_history) ?? [];
        string? file = parsed.GetValue(_file);
        Dictionary<string, string> features = Features(parsed.GetValue(_features) ?? []);
        if ((history.Length > 0 ? 1 : 0) + (file is null ? 0 : 1) + (features.Count > 0 ? 1 : 0) != 1)
        {
            throw new ArgumentException(
                "Give one history with --history, a file of them with --histories, or the features of one context with --feature.");
        }

        return new RecommendRequest(
            _policy.Bind(parsed),
            history,
            file,
            features,
            parsed.GetRequiredValue(_count),
            parsed.GetValue(_include),
            _index.Bind(parsed),
            _threads.Bind(parsed),
            _output.Bind(parsed));
    }

    private static Dictionary<string, string> Features(string[] given)
    {
        Dictionary<string, string> features = new(StringComparer.Ordinal);
        foreach (string text in given)
        {
            int equals = text.IndexOf('=', StringComparison.Ordinal);
            if (equals < 1)
                throw new ArgumentException($"--feature is '{text}'; it must be a name and a value, such as age=31.");
            if (!features.TryAdd(text[..equals], text[(equals + 1)..]))
                throw new ArgumentException($"--feature names '{text[..equals]}' twice.");
        }

        return features;
    }
}
