namespace KernelPolicy.Cli.Pipeline;

/// <summary>Names under which a policy keeps how it came to be.</summary>
internal static class PolicyFact
{
    /// <summary>The <see cref="DataRecipe"/>, as JSON.</summary>
    public const string Recipe = "data";

    /// <summary>The <see cref="LogRecipe"/> of a policy trained on logged decisions, as JSON.</summary>
    public const string LogRecipe = "log";

    /// <summary>What its training made of rewards and propensities.</summary>
    public const string Reward = "reward";

    /// <summary>What its training made large.</summary>
    public const string Objective = "objective";

    /// <summary>The estimator with its parameters.</summary>
    public const string Estimator = "estimator";

    /// <summary>What ran its training steps.</summary>
    public const string Runner = "runner";

    /// <summary>Its reward on the test users.</summary>
    public const string TestReward = "test-reward";
}
