using KernelPolicy.Cli.Options;
using KernelPolicy.Kernels;
using KernelPolicy.Policy;

namespace KernelPolicy.Cli.Pipeline;

/// <summary>The objective of a training, with the policy that it is to stay near.</summary>
internal sealed class ReferencePolicy : IDisposable
{
    private readonly SoftmaxPolicy? _policy;

    private ReferencePolicy(TrainingObjective objective, SoftmaxPolicy? policy) => (Objective, _policy) = (objective, policy);

    /// <summary>The objective; its reference lives as long as this does.</summary>
    public TrainingObjective Objective { get; }

    /// <summary>Loads the reference where there is one, and checks that it is over the same items: its scores are of the same
    /// β, or h − h_ref means nothing.</summary>
    /// <param name="choice">What was asked for.</param>
    /// <param name="items">β [P, L] of the training.</param>
    /// <param name="itemIds">Ids of the items [P].</param>
    /// <exception cref="IOException">There is no such policy.</exception>
    /// <exception cref="InvalidDataException">It is damaged, or over other items or other embeddings.</exception>
    public static ReferencePolicy Load(ObjectiveChoice choice, Matrix items, IReadOnlyList<string> itemIds)
    {
        if (choice.Reference is null)
            return new ReferencePolicy(choice.WithoutReference, null);
        SoftmaxPolicy policy = PolicyFile.Load(RunFolder.Find(choice.Reference).Policy);
        try
        {
            Check(choice.Reference, policy, items, itemIds);
        }
        catch
        {
            policy.Dispose();
            throw;
        }

        return new ReferencePolicy(choice.WithoutReference with { Reference = policy.Query }, policy);
    }

    /// <inheritdoc/>
    public void Dispose() => _policy?.Dispose();

    private static void Check(string path, SoftmaxPolicy policy, Matrix items, IReadOnlyList<string> itemIds)
    {
        if (policy.ItemIds.Count != itemIds.Count)
        {
            throw new InvalidDataException(
                $"The reference policy {path} is of another catalogue: it has {policy.ItemIds.Count} items, the data {itemIds.Count}.");
        }

        for (int item = 0; item < itemIds.Count; item++)
        {
            if (policy.ItemIds[item] != itemIds[item])
            {
                throw new InvalidDataException(
                    $"The reference policy {path} is of another catalogue: its item {item} is '{policy.ItemIds[item]}', that of the data '{itemIds[item]}'.");
            }
        }

        if (policy.Items.Columns != items.Columns)
        {
            throw new InvalidDataException(
                $"The reference policy {path} has items of {policy.Items.Columns} dimensions; those of this training have {items.Columns}.");
        }

        for (int item = 0; item < itemIds.Count; item++)
        {
            if (!policy.Items.Row(item).SequenceEqual(items.Row(item)))
            {
                throw new InvalidDataException(
                    $"The reference policy {path} has another embedding of item '{itemIds[item]}': train both with the same data, seed and --dim.");
            }
        }
    }
}
