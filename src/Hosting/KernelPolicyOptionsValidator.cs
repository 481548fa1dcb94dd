using KernelPolicy.Policy;
using Microsoft.Extensions.Options;

namespace KernelPolicy.Hosting;

/// <summary>Refuses options that cannot be served by, each with its value and range.</summary>
internal sealed class KernelPolicyOptionsValidator : IValidateOptions<KernelPolicyOptions>
{
    private static readonly TimeSpan LeastDelay = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan LargestDelay = TimeSpan.FromDays(1);

    /// <inheritdoc/>
    public ValidateOptionsResult Validate(string? name, KernelPolicyOptions options)
    {
        List<string> faults = [];
        if (string.IsNullOrWhiteSpace(options.BundlePath))
            faults.Add($"{nameof(options.BundlePath)} is empty; it must name a .kpolicy bundle.");
        if (options.EfSearch is { } ef && (ef < 1 || ef > RecommenderOptions.LargestEfSearch))
            faults.Add($"{nameof(options.EfSearch)} is {ef}; it must be 1 to {RecommenderOptions.LargestEfSearch}, or left out.");
        if (!Enum.IsDefined(options.Verification))
            faults.Add($"{nameof(options.Verification)} is {(int)options.Verification}; it must be {string.Join(" or ", Enum.GetNames<BundleVerification>())}.");
        if (options.ReloadDelay < LeastDelay || options.ReloadDelay > LargestDelay)
            faults.Add($"{nameof(options.ReloadDelay)} is {options.ReloadDelay}; it must be {LeastDelay} to {LargestDelay}.");
        try
        {
            options.Recall?.Validate();
        }
        catch (ArgumentOutOfRangeException e)
        {
            // Without what the exception adds to the sentence.
            faults.Add($"{nameof(options.Recall)}.{e.ParamName} is {e.ActualValue}; {e.Message.Split(" (")[0]}");
        }

        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }
}
