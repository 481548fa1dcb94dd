namespace KernelPolicy.Cli.Study;

/// <summary>A picture of the report.</summary>
/// <param name="Name">The name of its file, without the extension.</param>
/// <param name="Title">What it shows.</param>
/// <param name="Svg">The drawing.</param>
internal sealed record StudyFigure(string Name, string Title, string Svg);
