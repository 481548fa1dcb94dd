namespace KernelPolicy.Kernels;

/// <summary>An item drawn by its perturbed logit.</summary>
/// <param name="Item">Its number.</param>
/// <param name="Score">f.</param>
/// <param name="Value">φ + G, by which a slate is ordered.</param>
/// <param name="HeadPosition">Its place in the head; −1 for an item of the tail.</param>
public readonly record struct PerturbedItem(int Item, float Score, double Value, int HeadPosition)
{
    /// <summary>Whether it is an item of the tail.</summary>
    public bool IsTail => HeadPosition < 0;
}
