using KernelPolicy.Kernels;

namespace KernelPolicy.Policy;

/// <summary>The tables of a training.</summary>
/// <param name="Theta">Θ.</param>
/// <param name="FirstMoment">Adam's m.</param>
/// <param name="SecondMoment">Adam's v.</param>
/// <param name="Best">Θ of the best epoch so far.</param>
internal sealed record TrainingTables(Matrix Theta, Matrix FirstMoment, Matrix SecondMoment, Matrix Best)
{
    /// <summary>What is trained beside Θ.</summary>
    public IReadOnlyList<TrainedTable> Others { get; init; } = [];

    /// <summary>The same of the best epoch so far, kept only where it may be taken in the end.</summary>
    public IReadOnlyList<Matrix> BestOthers { get; init; } = [];

    /// <summary>Notes that the tables are the best so far.</summary>
    public void KeepAsBest()
    {
        Best.CopyFrom(Theta);
        for (int i = 0; i < BestOthers.Count; i++)
            BestOthers[i].CopyFrom(Others[i].Values);
    }

    /// <summary>Takes the best so far.</summary>
    public void TakeBest()
    {
        Theta.CopyFrom(Best);
        for (int i = 0; i < BestOthers.Count; i++)
            Others[i].Values.CopyFrom(BestOthers[i]);
    }

    /// <summary>Frees what is kept of the best.</summary>
    public void DisposeBest()
    {
        Best.Dispose();
        foreach (Matrix table in BestOthers)
            table.Dispose();
    }
}
