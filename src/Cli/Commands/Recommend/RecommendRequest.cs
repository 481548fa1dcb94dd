using System.CommandLine;
using KernelPolicy.Cli.Options;

namespace KernelPolicy.Cli.Commands;

/// <summary>Recommendations, as asked for.</summary>
/// <param name="Policy">Folder of a training, or a policy; empty where shards are asked.</param>
/// <param name="Shards">Addresses or files of all shards, in their order; empty where a policy is asked.</param>
/// <param name="Deadline">When shards are no longer waited for.</param>
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
    IReadOnlyList<string> Shards,
    TimeSpan Deadline,
    IReadOnlyList<string> History,
    string? File,
    IReadOnlyDictionary<string, string> Features,
    int Count,
    bool IncludeHistory,
    IndexChoice Index,
    int Threads,
    OutputChoice Output)
{
    /// <summary>The ids of each history.</summary>
    /// <exception cref="InvalidDataException">There is none.</exception>
    public string[][] ReadHistories()
    {
        if (File is null)
            return [[.. History]];
        IEnumerable<string> lines = File == "-" ? ReadLines(Console.In) : System.IO.File.ReadLines(File);
        string[][] histories =
        [
            .. lines.Select(line => line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)).Where(ids => ids.Length > 0),
        ];
        return histories.Length > 0 ? histories : throw new InvalidDataException($"{File} holds no history.");
    }

    private static IEnumerable<string> ReadLines(TextReader reader)
    {
        while (reader.ReadLine() is { } line)
            yield return line;
    }
}

/// <summary>All options of recommendations.</summary>
internal sealed class RecommendOptionSet : OptionSet<RecommendRequest>
{
    private readonly PolicyOptionSet _policy = new(isRequired: false);
    private readonly IndexOptionSet _index = new();
    private readonly ThreadOptionSet _threads = new();
    private readonly OutputOptionSet _output = new();

    private readonly Option<string[]> _shards = OptionFactory.Texts(
        "--shards", "In place of a policy, all shards of one, in their order: addresses that serve-shard serves at, or files.", "HOST:PORT");

    private readonly Option<double> _deadline = OptionFactory.Number(
        "--deadline-ms", "Milliseconds until shards are no longer waited for, and left out.", 1000.0, 0.1, 600_000);

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
        [.. _policy.All, _shards, _deadline, _history, _file, _features, _count, _include, .. _index.All, .. _threads.All, .. _output.All];

    /// <inheritdoc/>
    public override RecommendRequest Bind(ParseResult parsed)
    {
        string policy = _policy.Bind(parsed);
        string[] shards = parsed.GetValue(_shards) ?? [];
        if ((policy.Length > 0) == (shards.Length > 0))
            throw new ArgumentException("Give a trained policy with --policy, or all shards of one with --shards.");
        if (shards.Length == 0 && parsed.GetResult(_deadline) is { Implicit: false })
            throw new ArgumentException("--deadline-ms is of --shards; a policy is asked until it answers.");
        string[] history = parsed.GetValue(_history) ?? [];
        string? file = parsed.GetValue(_file);
        Dictionary<string, string> features = Features(parsed.GetValue(_features) ?? []);
        if ((history.Length > 0 ? 1 : 0) + (file is null ? 0 : 1) + (features.Count > 0 ? 1 : 0) != 1)
        {
            throw new ArgumentException(
                "Give one history with --history, a file of them with --histories, or the features of one context with --feature.");
        }

        if (shards.Length > 0)
            CheckIndexOptions(parsed, shards);
        if (shards.Length > 0 && features.Count > 0)
            throw new ArgumentException("Shards are asked by histories: a policy whose contexts are features needs --policy.");
        return new RecommendRequest(
            policy,
            shards,
            TimeSpan.FromMilliseconds(parsed.GetRequiredValue(_deadline)),
            history,
            file,
            features,
            parsed.GetRequiredValue(_count),
            parsed.GetValue(_include),
            _index.Bind(parsed),
            _threads.Bind(parsed),
            _output.Bind(parsed));
    }

    /// <summary>Shards come with their graphs; how widely those are searched is for whoever opens them to say.</summary>
    private void CheckIndexOptions(ParseResult parsed, string[] shards)
    {
        const string EfSearch = "--ef-search";
        foreach (Option given in _index.All.Where(option => parsed.GetResult(option) is { Implicit: false }))
        {
            if (given.Name != EfSearch)
                throw new ArgumentException($"{given.Name} is of an index that is built; shards come with theirs.");
            if (!shards.Any(File.Exists))
                throw new ArgumentException($"{EfSearch} is for shards in files; those that are served are searched as serve-shard was told.");
        }
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
