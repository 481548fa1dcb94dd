using NUnit.Framework;

namespace KernelPolicy.Tests.Architecture;

/// <summary>The folders within a project use each other one way.</summary>
internal sealed class FolderCycleTests
{
    private const string Reports = "Output.ToolJson is the one source-generated context: it names whatever is written as JSON, where it is made.";

    /// <summary>Arrows that close a cycle and stay, and why.</summary>
    private static readonly (string Project, string From, string To, string Reason)[] Tolerated =
    [
        ("Index", "RecallAudit", "Live", "One audit for every index: a live one is audited at one moment, by an overload."),
        ("Cli", "Devices", "Pipeline", "Who finds the top K depends on whether IndexFactory would build a graph."),
        ("Cli", "Options", "Pipeline", "--out is bound to a RunFolder."),
        ("Cli", "Output", "Commands", Reports),
        ("Cli", "Output", "Devices", Reports),
        ("Cli", "Output", "Machine", Reports),
        ("Cli", "Output", "Options", Reports),
        ("Cli", "Output", "Pipeline", Reports),
        ("Cli", "Output", "Study", Reports),
        ("Cli", "Study", "Commands", "The study's steps are timed by the code of `bench`."),
    ];

    /// <summary>The arrows of a project that close a cycle and stay.</summary>
    public static (string From, string To)[] ToleratedIn(string project) =>
        [.. Tolerated.Where(arrow => arrow.Project == project).Select(arrow => (arrow.From, arrow.To))];

    [Test]
    public void Folders_have_no_cycle_beyond_those_that_are_listed()
    {
        List<string> unknown = [];
        List<string> wrong = [];
        foreach (ProjectFile project in Repository.Library)
        {
            ArrowSet graph = FolderGraph.Of(project, unknown);
            (string From, string To)[] listed = ToleratedIn(project.Name);
            wrong.AddRange(graph.Without(listed).InCycles().Select(arrow => $"{project.Name}: {arrow.From} -> {arrow.To} is part of a cycle"));
            wrong.AddRange(listed.Except(graph.InCycles()).Select(arrow => $"{project.Name}: {arrow.From} -> {arrow.To} closes no cycle any more"));
        }

        Assert.That(unknown, Is.Empty, "types whose source was not found");
        Assert.That(string.Join('\n', wrong), Is.Empty);
        Assert.That(Tolerated.Select(arrow => arrow.Reason), Has.None.Empty, "reasons");
    }

    [Test]
    public void Cycles_are_found_and_implied_arrows_left_out()
    {
        ArrowSet graph = new(["a", "b", "c", "d"], [("a", "b"), ("b", "c"), ("c", "b"), ("a", "c"), ("c", "d"), ("a", "d"), ("d", "d")]);
        Assert.That(graph.InCycles(), Is.EqualTo(new[] { ("b", "c"), ("c", "b") }));
        Assert.That(graph.Without([("c", "b")]).Reduced().Arrows, Is.EqualTo(new[] { ("a", "b"), ("b", "c"), ("c", "d") }));
    }

    [Test]
    public void Mentions_are_found_in_members_and_bodies()
    {
        (Type From, Type To)[] found = [.. TypeReferences.Of(typeof(FolderCycleTests).Assembly)];
        Assert.That(found, Does.Contain((typeof(ArrowSet), typeof(ArrowSet))), "a member's type");
        Assert.That(found, Does.Contain((typeof(FolderCycleTests), typeof(Repository))), "a call, in a body");
        Assert.That(found, Does.Contain((typeof(Repository), typeof(ProjectFile))), "an argument of a generic type");
        Assert.That(found, Does.Not.Contain((typeof(ArrowSet), typeof(Repository))));
    }
}
