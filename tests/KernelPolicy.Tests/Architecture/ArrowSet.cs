namespace KernelPolicy.Tests.Architecture;

/// <summary>A directed graph of names: who uses whom.</summary>
internal sealed class ArrowSet(IEnumerable<string> nodes, IEnumerable<(string From, string To)> arrows)
{
    /// <summary>The names, in ordinal order.</summary>
    public IReadOnlyList<string> Nodes { get; } = [.. nodes.Distinct().Order(StringComparer.Ordinal)];

    /// <summary>The arrows, each once, none from a name to itself, in ordinal order.</summary>
    public IReadOnlyList<(string From, string To)> Arrows { get; } =
    [
        .. arrows.Where(arrow => arrow.From != arrow.To).Distinct()
            .OrderBy(arrow => arrow.From, StringComparer.Ordinal).ThenBy(arrow => arrow.To, StringComparer.Ordinal),
    ];

    /// <summary>The arrows that are part of a cycle: there is a way back.</summary>
    public IEnumerable<(string From, string To)> InCycles() => Arrows.Where(arrow => Reach(arrow.To, arrow.To).Contains(arrow.From));

    /// <summary>The graph without some arrows.</summary>
    public ArrowSet Without(IEnumerable<(string From, string To)> left) => new(Nodes, Arrows.Except(left));

    /// <summary>Without the arrows that others imply, so that it can be read. The graph has no cycle.</summary>
    public ArrowSet Reduced() => new(Nodes, Arrows.Where(arrow => !Reach(arrow.From, arrow.To).Contains(arrow.To)));

    /// <summary>What is reached from a name by at least one arrow, where the arrow from it straight to <paramref name="barred"/> does
    /// not count.</summary>
    private HashSet<string> Reach(string from, string barred)
    {
        HashSet<string> found = [];
        Stack<string> open = new([from]);
        while (open.TryPop(out string? node))
        {
            foreach ((string source, string target) in Arrows)
            {
                if (source == node && !(node == from && target == barred) && found.Add(target))
                    open.Push(target);
            }
        }

        return found;
    }
}
