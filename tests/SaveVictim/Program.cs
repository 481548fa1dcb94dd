using System.Diagnostics;
using KernelPolicy.Index;
using KernelPolicy.Policy;

// SaveVictim loop FOLDER TARGET   saves the policies a and b of a folder by turns to one file, to be killed at it
// SaveVictim once FOLDER TARGET   saves b: exit code 0, or 3 and the exception on the error output
const int FailedToSave = 3;
const double LongestSeconds = 60;
if (args is not [("loop" or "once") and var mode, var folder, var target])
{
    Console.Error.WriteLine("Give: loop FOLDER TARGET | once FOLDER TARGET");
    return 2;
}

using SoftmaxPolicy a = Policy("a"), b = Policy("b");
using HnswIndex indexOfA = Index("a", a), indexOfB = Index("b", b);
if (mode == "once")
{
    try
    {
        ServingBundle.Save(target, b, indexOfB);
        return 0;
    }
    catch (Exception e) when (e is IOException or UnauthorizedAccessException)
    {
        Console.Error.WriteLine($"{e.GetType().Name}: {e.Message}");
        return FailedToSave;
    }
}

Console.WriteLine("saving");

// It ends by itself where the test that was to kill it was killed first.
long begun = Stopwatch.GetTimestamp();
while (Stopwatch.GetElapsedTime(begun).TotalSeconds < LongestSeconds)
{
    ServingBundle.Save(target, b, indexOfB);
    ServingBundle.Save(target, a, indexOfA);
}

return 0;

SoftmaxPolicy Policy(string name) => PolicyFile.Load(Path.Combine(folder, name + ".policy"));

HnswIndex Index(string name, SoftmaxPolicy policy) => HnswIndex.Load(Path.Combine(folder, name + ".index"), policy.Items);
