namespace KernelPolicy.Policy;

/// <summary>What can be asked of a training's checkpoint before the training is there that goes on from it.</summary>
public static class TrainingCheckpoint
{
    /// <summary>S, shares that the contexts of its training are divided into.</summary>
    /// <exception cref="InvalidDataException">The file is damaged.</exception>
    public static int SharesOf(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return Checkpoint.SharesOf(path);
    }
}
