using System.Reflection;
using KernelPolicy.Cli;
using KernelPolicy.Data;
using KernelPolicy.DeviceTraining;
using KernelPolicy.Hosting;
using KernelPolicy.Index;
using KernelPolicy.Kernels;
using KernelPolicy.Kernels.Ilgpu;
using KernelPolicy.Policy;
using NUnit.Framework;

namespace KernelPolicy.Tests.Foundation;

/// <summary>
/// A class that wraps another implementation of its own interface forwards every member, those that have a default too: a member left to
/// its default compiles, and says in silence that there is no index, no memory, no objective.
/// </summary>
public sealed class WrapperTests
{
    private static readonly Assembly[] Ours =
    [
        typeof(Matrix).Assembly, typeof(ComputeDevice).Assembly, typeof(IMipsIndex).Assembly, typeof(Trainer).Assembly,
        typeof(DeviceTrainingSteps).Assembly, typeof(InteractionReader).Assembly, typeof(CommandLineTool).Assembly,
        typeof(KernelPolicyOptions).Assembly, typeof(WrapperTests).Assembly,
    ];

    private interface IPart
    {
        string Name { get; }

        int Size => 0;

        int Weight() => 1;
    }

    [Test]
    public void Wrappers_leave_no_member_to_its_default()
    {
        Type[] types = [.. Ours.SelectMany(assembly => assembly.GetTypes()).Where(type => type.DeclaringType != typeof(WrapperTests))];
        Assert.That(types.SelectMany(Forgotten), Is.Empty);
        Assert.That(types.Count(type => Defaults(type).Any(pair => Wraps(type, pair.Interface))), Is.AtLeast(3), "wrappers that were found");
    }

    [Test]
    public void A_member_that_is_left_to_its_default_is_found()
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Forgotten(typeof(Forgetful)), Is.EqualTo(new[] { "Forgetful: IPart.Weight" }));
            Assert.That(Forgotten(typeof(Heir)), Is.EqualTo(new[] { "Heir: IPart.Weight" }), "the part is in a field of its base");
            Assert.That(Forgotten(typeof(Whole)), Is.Empty);
            Assert.That(Forgotten(typeof(Leaf)), Is.Empty, "it wraps nothing");
        }
    }

    /// <summary>The members of a wrapper that nobody wrote: those whose code is the interface's own.</summary>
    private static string[] Forgotten(Type type) =>
    [
        .. from pair in Defaults(type)
           where Wraps(type, pair.Interface) && pair.Code.DeclaringType == pair.Interface
           select $"{type.Name}: {pair.Interface.Name}.{pair.Code.Name.Replace("get_", "", StringComparison.Ordinal)}",
    ];

    /// <summary>For each member with a default, of interfaces of ours that a class implements: the code that is run.</summary>
    private static IEnumerable<(Type Interface, MethodInfo Code)> Defaults(Type type)
    {
        // Structs here are what kernels are made of, and wrap nothing.
        if (!type.IsClass || type.IsAbstract)
            yield break;
        foreach (Type contract in type.GetInterfaces().Where(contract => Ours.Contains(contract.Assembly)))
        {
            InterfaceMapping map = type.GetInterfaceMap(contract);
            for (int i = 0; i < map.InterfaceMethods.Length; i++)
            {
                if (map.InterfaceMethods[i] is { IsAbstract: false, IsVirtual: true, IsStatic: false })
                    yield return (contract, map.TargetMethods[i]);
            }
        }
    }

    /// <summary>Whether it holds another of the interface in a field, its base's included.</summary>
    private static bool Wraps(Type type, Type contract)
    {
        for (Type? level = type; level is not null; level = level.BaseType)
        {
            const BindingFlags Own = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;
            if (level.GetFields(Own).Any(field => contract.IsAssignableFrom(field.FieldType)))
                return true;
        }

        return false;
    }

    private class Forgetful(IPart inner) : IPart
    {
        public string Name => inner.Name;

        public int Size => inner.Size;
    }

    private sealed class Heir(IPart inner) : Forgetful(inner);

    private sealed class Whole(IPart inner) : IPart
    {
        public string Name => inner.Name;

        public int Size => inner.Size;

        int IPart.Weight() => inner.Weight();
    }

    private sealed class Leaf : IPart
    {
        public string Name => "leaf";
    }
}
