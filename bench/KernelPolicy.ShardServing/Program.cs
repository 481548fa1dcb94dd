using System.CommandLine;
using KernelPolicy.Bench;
using KernelPolicy.ShardServing;

// One bundle against shards of it, in this process and over the loopback: what the way there and back and the merge cost.
Option<int> items = new("--items") { Description = "P.", DefaultValueFactory = _ => 200_000 };
Option<int> dimension = new("--dim") { Description = "L.", DefaultValueFactory = _ => 100 };
Option<int> shards = new("--shards") { Description = "n.", DefaultValueFactory = _ => 2 };
Option<int> efSearch = new("--ef-search") { Description = "Candidates of every search.", DefaultValueFactory = _ => 64 };
Option<int> requests = new("--requests") { Description = "Requests that are timed, one by one.", DefaultValueFactory = _ => 50_000 };
Option<double> deadline = new("--deadline-ms") { Description = "The deadline of the rows with a silent shard.", DefaultValueFactory = _ => 5 };
RootCommand root = new("Sharded serving against one bundle, as a table.") { items, dimension, shards, efSearch, requests, deadline };
root.SetAction(parsed => new ShardComparison(new ShardSettings(
    parsed.GetValue(items), parsed.GetValue(dimension), parsed.GetValue(shards), parsed.GetValue(efSearch), parsed.GetValue(requests),
    TimeSpan.FromMilliseconds(parsed.GetValue(deadline)))).Execute());
return ComparisonProgram.Run(root, args);
