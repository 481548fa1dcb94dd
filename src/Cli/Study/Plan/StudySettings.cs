using KernelPolicy.Policy;

namespace KernelPolicy.Cli.Study;

/// <summary>The sizes of a study.</summary>
/// <param name="Preset">Whose they are.</param>
/// <param name="Catalogues">The catalogues; the first is that of RQ3, RQ4 and the fixed β.</param>
/// <param name="StepDimensions">The L at which steps are timed.</param>
/// <param name="LearningDimension">The L at which policies learn.</param>
/// <param name="Epochs">Passes over the training users.</param>
/// <param name="Seeds">Repetitions: seeds 1 to this.</param>
internal sealed record StudySettings(
    string Preset, IReadOnlyList<StudyCatalogue> Catalogues, IReadOnlyList<int> StepDimensions, int LearningDimension, int Epochs,
    int Seeds)
{
    /// <summary>The word for a study of minutes.</summary>
    public const string SmallPreset = "small";

    /// <summary>The word for a study at the paper's sizes.</summary>
    public const string FullPreset = "full";

    /// <summary>α on data of the user's: that of the `train` command.</summary>
    public const double RateOfData = 3e-4;

    /// <summary>B.</summary>
    public int BatchSize { get; init; } = 32;

    /// <summary>Steps that are timed one by one, and then as many in bulk.</summary>
    public int TimedSteps { get; init; } = 50;

    /// <summary>Users whose reward is measured after each epoch, at most. Of a hundred thousand, so many leave an error of a share
    /// that is below 0.005.</summary>
    public int TestUsers { get; init; } = 10_000;

    /// <summary>First values of Θ.</summary>
    public ThetaInitialisation Initialisation { get; init; } = ThetaInitialisation.Identity;

    /// <summary>Power to which singular values scale β.</summary>
    public float SingularPower { get; init; } = 1;

    /// <summary>Minutes on two cores: one catalogue of 10,000 items.</summary>
    public static StudySettings Small { get; } = new(
        SmallPreset, [StudyCatalogue.Drawn("synthetic", "Synthetic, 10,000 items", 10_000, 10_000, 1e-3)], [16, 64, 100, 256], 64, 15, 3)
    {
        TimedSteps = 30,
    };

    /// <summary>The sizes, learning rates and epochs of the paper. Not its L of RQ2 to RQ4: at 1000 instead of 100 everything takes ten
    /// times as long, and a REINFORCE of one seed a week.</summary>
    public static StudySettings Full { get; } = new(
        FullPreset,
        [
            StudyCatalogue.Drawn("twitch-size", "Of Twitch's size", 750_000, 500_000, 1e-4),
            StudyCatalogue.Drawn("goodreads-size", "Of GoodReads' size", 1_230_000, 300_000, 5e-5),
        ],
        [16, 64, 100, 256, 1000], 100, 50, 3);

    /// <summary>The preset of a name.</summary>
    public static StudySettings Of(string preset) => preset == FullPreset ? Full : Small;
}
