namespace KernelPolicy.Cli.Study;

/// <summary>A catalogue and its users, drawn or read.</summary>
/// <param name="Name">What results call it: small letters, digits and hyphens.</param>
/// <param name="Title">What people call it.</param>
/// <param name="Items">P.</param>
/// <param name="Users">Users, those for validation and test included.</param>
/// <param name="Interactions">Distinct pairs; an expectation where they are yet to be drawn.</param>
/// <param name="LearningRate">α of Adam.</param>
internal sealed record StudyCatalogue(string Name, string Title, int Items, int Users, long Interactions, double LearningRate)
{
    /// <summary>Draws a user of the synthetic log makes on average, before repeats collapse.</summary>
    public const double MeanDraws = 40;

    /// <summary>A catalogue that is yet to be drawn.</summary>
    public static StudyCatalogue Drawn(string name, string title, int items, int users, double learningRate) =>
        new(name, title, items, users, (long)(MeanDraws * users), learningRate);
}
