using System.CommandLine;
using System.Net;
using KernelPolicy.Cli.Options;
using KernelPolicy.Policy;

namespace KernelPolicy.Cli.Commands;

/// <summary>The serving of a shard, as asked for.</summary>
/// <param name="Bundle">The bundle.</param>
/// <param name="Address">Where to listen.</param>
/// <param name="EfSearch">How widely to search; as the bundle says where null.</param>
/// <param name="Threads">Threads that answer.</param>
/// <param name="Output">How results are shown.</param>
internal sealed record ServeShardRequest(string Bundle, IPEndPoint Address, int? EfSearch, int Threads, OutputChoice Output);

/// <summary>All options of the serving of shards.</summary>
internal sealed class ServeShardOptionSet : OptionSet<ServeShardRequest>
{
    private readonly ThreadOptionSet _threads = new();
    private readonly OutputOptionSet _output = new();

    private readonly Option<string> _bundle = new("--bundle")
    {
        Description = "The shard's file, or a bundle of all items as the only shard.",
        HelpName = "FILE",
        Required = true,
    };

    private readonly Option<string> _listen = new("--listen")
    {
        Description = "Address and port to listen at; port 0 takes any that is free. There is no encryption: for networks of your own.",
        HelpName = "ADDRESS:PORT",
        DefaultValueFactory = _ => "127.0.0.1:7000",
    };

    private readonly Option<int?> _efSearch = OptionFactory.OptionalNumber(
        "--ef-search", "Candidates kept while the graph is searched; as the bundle says where not given.", 1, RecommenderOptions.LargestEfSearch);

    /// <inheritdoc/>
    public override IEnumerable<Option> All => [_bundle, _listen, _efSearch, .. _threads.All, .. _output.All];

    /// <inheritdoc/>
    public override ServeShardRequest Bind(ParseResult parsed)
    {
        string listen = parsed.GetRequiredValue(_listen);

        // An address alone parses too, as port 0; and one of IPv6 without brackets takes the port for a part of it.
        int colon = listen.LastIndexOf(':');
        bool hasPort = colon > 0 && (listen[0] == '[' ? listen[colon - 1] == ']' : listen.IndexOf(':', StringComparison.Ordinal) == colon);
        if (!hasPort || !IPEndPoint.TryParse(listen, out IPEndPoint? address))
        {
            throw new ArgumentException(
                $"--listen is '{listen}'; it must be an address and a port, such as 0.0.0.0:7000, or [::]:7000 with the brackets of IPv6.");
        }

        return new ServeShardRequest(
            parsed.GetRequiredValue(_bundle), address, parsed.GetValue(_efSearch), _threads.Bind(parsed), _output.Bind(parsed));
    }
}
