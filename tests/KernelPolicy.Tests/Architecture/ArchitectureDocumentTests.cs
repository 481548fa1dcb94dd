using NUnit.Framework;

namespace KernelPolicy.Tests.Architecture;

/// <summary>docs/architecture.md shows the house as it is.</summary>
internal sealed class ArchitectureDocumentTests
{
    [Test]
    public void The_document_has_every_graph_as_it_is() =>
        Assert.That(ArchitectureDocument.Written(), Is.EquivalentTo(ArchitectureDocument.Drawn()),
            $"{ArchitectureDocument.Path} is behind; "
            + $"dotnet test -c Release tests/KernelPolicy.Tests --filter FullyQualifiedName~{nameof(ArchitectureDocumentTests)}.{nameof(Draw_the_graphs_anew)} mends it");

    [Test]
    [Explicit("Writes a file of the checkout.")]
    public void Draw_the_graphs_anew() => ArchitectureDocument.Write();
}
