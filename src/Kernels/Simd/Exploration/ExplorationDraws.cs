namespace KernelPolicy.Kernels;

/// <summary>
/// The random numbers of one request: whatever is drawn for it is a function of (seed, request) and of what is asked.
/// </summary>
/// <remarks>
/// Counter: purpose <see cref="RandomPurpose.Exploration"/>, step = request, context = 8·position + use. Requests of the same number
/// share their noise: number them, or take a hash of 56 bits of what identifies them.
/// </remarks>
/// <param name="seed">The seed.</param>
/// <param name="request">The request's number, 0 to 2^56 − 1.</param>
public readonly struct ExplorationDraws(ulong seed, long request)
{
    /// <summary>The largest number of a request.</summary>
    public const long LargestRequest = (1L << 56) - 1;

    private const int Uses = 8;

    /// <summary>Gumbel noise of the head, one draw a position.</summary>
    public RandomDraws HeadNoise => Of(0);

    /// <summary>How many tail items exceed the threshold.</summary>
    public RandomDraws TailCount => Of(1);

    /// <summary>Which.</summary>
    public RandomDraws TailItems => Of(2);

    /// <summary>Their noise.</summary>
    public RandomDraws TailNoise => Of(3);

    /// <summary>The tail that Ẑ is estimated by: none of the draws that decided what was served.</summary>
    public RandomDraws Partition => Of(4);

    /// <summary>The choice of ε-greedy between best and uniform, and the rank of a uniform draw, for one place of a slate.</summary>
    public RandomDraws Choice(int position) => Of(5, position);

    /// <summary>The item of a uniform draw outside the head, for one place of a slate.</summary>
    public RandomDraws Uniform(int position) => Of(6, position);

    private RandomDraws Of(int use, int position = 0) => new(seed, RandomPurpose.Exploration, request, (position * Uses) + use);
}
