// A reward and contexts of one's own: a shop trains on what it earns, margin × relevance, and then with a penalty on popular items.
//
//     dotnet run -c Release --project samples/CustomReward
//
// Shows a RewardFunction, an IRewardSource that changes another one, and DenseContexts. Prints for each policy what its first
// recommendation earns on test shoppers, with the penalty and without, how often its items have been sold, and how many of the items
// are recommended to anyone; in the last line the most that can be earned.
using KernelPolicy.Index;
using KernelPolicy.Kernels;
using KernelPolicy.Policy;

const int Items = 3000, Tastes = 14, Dimension = Tastes + 2;
const int Margin = Tastes, Popularity = Tastes + 1, One = Tastes;
const int MostSold = 1000;
const float PenaltyWeight = 0.3f;

// β [P, L]: what an item is like, its margin, its popularity. The policy π ∝ exp(xΘ·β_a) sees of an item what is in β, nothing else:
// what the reward depends on should be there.
Random random = new(1);
using Matrix items = new(Items, Dimension);
int[] sold = new int[Items];
for (int item = 0; item < Items; item++)
{
    Span<float> beta = items.Row(item);
    FillNormal(beta[..Tastes], 1 / MathF.Sqrt(Tastes));
    beta[Margin] = random.NextSingle();
    sold[item] = (int)MathF.Pow(MostSold, random.NextSingle());
    beta[Popularity] = MathF.Log(sold[item]) / MathF.Log(MostSold);
}

using Matrix shoppers = DrawShoppers(2000), testShoppers = DrawShoppers(500);
using WorkerTeam team = new(Environment.ProcessorCount);
using ExactIndex index = new(items);
using PolicyEvaluator earnings = new(Problem(testShoppers, Earnings(testShoppers)), team, [1]);
using PolicyEvaluator penalised = new(Problem(testShoppers, Penalised(testShoppers)), team, [1]);

Console.WriteLine("trained on                earns    less penalty   sold before   of the catalogue");
using (Matrix untrained = Theta.Initialise(Dimension, ThetaInitialisation.Normal, 0.005, seed: 1))
    Show("nothing", untrained);
Train("margin × relevance", Earnings(shoppers));
Train("the same less penalty", Penalised(shoppers));
double most = Enumerable.Range(0, 500).Average(
    shopper => Enumerable.Range(0, Items).Max(item => Earned(testShoppers.Row(shopper), items.Row(item))));
Console.WriteLine($"{"best possible",-22}{most,9:F4}");

// Any pure function of the numbers of context and item; threads call it at the same time.
IRewardSource Earnings(Matrix contexts) => new RewardFunction(
    (int)contexts.Rows, (context, item) => Earned(contexts.Row(context), items.Row(item)));

IRewardSource Penalised(Matrix contexts) => new PopularityPenalty(
    Earnings(contexts), [.. Enumerable.Range(0, Items).Select(item => PenaltyWeight * items.Row(item)[Popularity])]);

TrainingProblem Problem(Matrix contexts, IRewardSource rewards) => new(items, new DenseContexts(contexts), rewards);

// The chance of a sale grows with the likeness of taste and item, and with popularity.
static float Earned(ReadOnlySpan<float> x, ReadOnlySpan<float> beta)
{
    float likeness = 0;
    for (int taste = 0; taste < Tastes; taste++)
        likeness += x[taste] * beta[taste];
    float relevance = 1 / (1 + MathF.Exp(3 - (2 * likeness) - (2 * beta[Popularity])));
    return beta[Margin] * relevance;
}

void Train(string name, IRewardSource rewards)
{
    // Nothing says that a shopper should get what is like her: Θ starts near 0, not at the identity.
    TrainingOptions options = new()
    {
        Epochs = 8, LearningRate = new LearningRate(1e-2), Initialisation = ThetaInitialisation.Normal, Seed = 1,
    };
    EstimatorSetting setting = new(items, rewards, options.BatchSize, options.Seed, team);
    using IGradientEstimator estimator = GradientEstimators.Create(new StrataOptions(TopK: 64, Tail: 128), setting, index);
    using Trainer trainer = new(Problem(shoppers, rewards), estimator, options, team);
    trainer.Run();
    Show(name, trainer.Theta);
}

void Show(string name, Matrix theta)
{
    TopNFigures first = earnings.Evaluate(theta, index, sold).TopN[0];
    double less = penalised.Reward(theta, index);
    Console.WriteLine($"{name,-22}{first.Reward,9:F4}{less,16:F4}{first.Popularity,14:F0}{first.Coverage,19:P1}");
}

// x [N, L]: tastes, and a 1 with which the policy can like a margin whoever comes.
Matrix DrawShoppers(int count)
{
    Matrix drawn = new(count, Dimension);
    for (int shopper = 0; shopper < count; shopper++)
    {
        FillNormal(drawn.Row(shopper)[..Tastes], 1);
        drawn.Row(shopper)[One] = 1;
    }

    return drawn;
}

void FillNormal(Span<float> values, float deviation)
{
    foreach (ref float value in values)
        value = deviation * MathF.Sqrt(-2 * MathF.Log(1 - random.NextSingle())) * MathF.Cos(MathF.Tau * random.NextSingle());
}

/// <summary>Another reward, less a penalty of each item.</summary>
internal sealed class PopularityPenalty(IRewardSource inner, float[] penalties) : IRewardSource
{
    public int Count => inner.Count;

    // Every item has a penalty: none may be taken to earn 0.
    public bool IsSparse => false;

    public ReadOnlySpan<int> RewardedItems(int context) => inner.RewardedItems(context);

    public void Fill(int context, ReadOnlySpan<int> items, Span<float> rewards)
    {
        inner.Fill(context, items, rewards);
        for (int i = 0; i < items.Length; i++)
            rewards[i] -= penalties[items[i]];
    }
}
