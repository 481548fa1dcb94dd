using KernelPolicy.Data;

namespace KernelPolicy.Tests.Data;

/// <summary>Interactions as text, "user: item item", for tests to compare at a glance.</summary>
internal static class InteractionText
{
    public static string[] Lines(Interactions data) =>
    [
        .. Enumerable.Range(0, data.UserCount).Select(user =>
            $"{data.UserIds[user]}: {string.Join(' ', data.UserItems[user].ToArray().Select(i => data.ItemIds[i]))}"),
    ];
}
