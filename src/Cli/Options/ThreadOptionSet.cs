using System.CommandLine;
using KernelPolicy.Distributed;

namespace KernelPolicy.Cli.Options;

/// <summary>The option on threads.</summary>
internal sealed class ThreadOptionSet : OptionSet<int>
{
    private readonly Option<int> _threads = OptionFactory.Number(
        "--threads", "Threads to work with, by default one a processor, or a rank's part of them under mpirun. The result does not depend on them.",
        MpiEnvironment.ThreadsOfARank, 1, 1024);

    /// <inheritdoc/>
    public override IEnumerable<Option> All => [_threads];

    /// <inheritdoc/>
    public override int Bind(ParseResult parsed) => parsed.GetRequiredValue(_threads);
}
