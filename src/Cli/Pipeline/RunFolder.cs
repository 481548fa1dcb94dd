namespace KernelPolicy.Cli.Pipeline;

/// <summary>The folder of a training: where each of its files is.</summary>
/// <param name="folder">The folder; it need not exist yet.</param>
/// <param name="policy">The policy, where it is not where a training puts it.</param>
internal sealed class RunFolder(string folder, string? policy = null)
{
    /// <summary>The folder.</summary>
    public string Root => folder;

    /// <summary>The trained policy.</summary>
    public string Policy { get; } = policy ?? Path.Combine(folder, "policy.kp");

    /// <summary>Where a training that was stopped goes on.</summary>
    public string Checkpoint => Path.Combine(folder, "checkpoint.kp");

    /// <summary>The graph over the policy's items, where there is one.</summary>
    public string Index => Path.Combine(folder, "index.kp");

    /// <summary>The learning curve for people.</summary>
    public string CurvePng => Path.Combine(folder, "learning-curve.png");

    /// <summary>The learning curve for papers.</summary>
    public string CurveSvg => Path.Combine(folder, "learning-curve.svg");

    /// <summary>All figures, as --json writes them.</summary>
    public string Report => Path.Combine(folder, "report.json");

    /// <summary>Everything that a training leaves.</summary>
    public IReadOnlyList<string> Files => [Policy, Checkpoint, Index, CurvePng, CurveSvg, Report];

    /// <summary>The run that a path names: a folder, or the policy within it.</summary>
    /// <exception cref="FileNotFoundException">There is no policy.</exception>
    public static RunFolder Find(string path)
    {
        if (File.Exists(path))
            return new RunFolder(Path.GetDirectoryName(Path.GetFullPath(path))!, path);
        RunFolder run = new(path);
        if (File.Exists(run.Policy))
            return run;
        if (Directory.Exists(path))
            throw new FileNotFoundException($"{path} holds no policy ({Path.GetFileName(run.Policy)}); 'kernelpolicy train --out {path}' makes one.");
        throw new FileNotFoundException($"There is no folder or file {path}.");
    }
}
