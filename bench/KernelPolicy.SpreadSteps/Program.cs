using System.CommandLine;
using System.Text.Json;
using KernelPolicy.Distributed;
using KernelPolicy.SpreadSteps;

Option<int> items = new("--items") { Description = "P.", DefaultValueFactory = _ => 100_000 };
Option<int> dimension = new("--dim") { Description = "L.", DefaultValueFactory = _ => 100 };
Option<int[]> batchSizes = new("--batch-sizes") { Description = "B, contexts of a share in a step; one line each.", AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => [32] };
Option<int> steps = new("--steps") { Description = "Steps timed.", DefaultValueFactory = _ => 1000 };
Option<int> shares = new("--shares") { Description = "S, shares of the contexts; 0 for one a rank.", DefaultValueFactory = _ => 0 };
Option<int> threads = new("--threads") { Description = "Threads of a rank.", DefaultValueFactory = _ => MpiEnvironment.ThreadsOfARank };
Option<int> topK = new("--top-k") { Description = "K.", DefaultValueFactory = _ => 64 };
Option<int> tail = new("--tail") { Description = "l.", DefaultValueFactory = _ => 128 };
Option<int> efSearch = new("--ef-search") { Description = "Candidates that a search of the graph keeps.", DefaultValueFactory = _ => 64 };
Option<bool> sameStep = new("--same-step") { Description = "Retrieve the top K by Θ of the same step, and wait for the gradient before." };
Option<bool> ofItems = new("--spread-items") { Description = "Spread items, and have all ranks work on all contexts." };
Option<string?> graphs = new("--graphs") { Description = "Folder in which graphs are kept from one run to the next." };
RootCommand root = new("Times training steps spread over the ranks that mpirun has started, or by one process; rank 0 writes a line of JSON for each batch size.")
{
    items, dimension, batchSizes, steps, shares, threads, topK, tail, efSearch, sameStep, ofItems, graphs,
};
root.SetAction(parsed =>
{
    using ICommunicator communicator = MpiEnvironment.Ranks > 1 ? MpiCommunicator.Start() : LocalRanks.Solo();
    int asked = parsed.GetRequiredValue(shares);
    SpreadRequest request = new(
        parsed.GetRequiredValue(items), parsed.GetRequiredValue(dimension), parsed.GetRequiredValue(steps), asked == 0 ? communicator.Size : asked,
        parsed.GetRequiredValue(threads), parsed.GetRequiredValue(topK), parsed.GetRequiredValue(tail), parsed.GetRequiredValue(efSearch),
        parsed.GetValue(sameStep), parsed.GetValue(graphs));
    try
    {
        using SpreadCase work = parsed.GetValue(ofItems) ? new SpreadItemsCase(communicator, request) : new SpreadContextsCase(communicator, request);
        foreach (int batchSize in parsed.GetRequiredValue(batchSizes))
        {
            StepTime time = work.Measure(batchSize);
            if (communicator.Rank == 0)
                Console.WriteLine(JsonSerializer.Serialize(time, StepTimeJson.Default.StepTime));
        }

        return 0;
    }
    catch (Exception e) when (communicator.Size > 1)
    {
        Console.Error.WriteLine($"error: rank {communicator.Rank}: {e}");
        communicator.Abort(1);
        return 1;
    }
});
return root.Parse(args).Invoke();
