using System.Buffers.Binary;
using System.Reflection;
using System.Reflection.Emit;

namespace KernelPolicy.Tests.Architecture;

/// <summary>The types that a compiled type mentions: in its base, interfaces, members, signatures and bodies.</summary>
/// <remarks>Constants are copied into bodies when they are compiled: a type mentioned for its constants alone is not seen.</remarks>
internal static class TypeReferences
{
    private const BindingFlags Own = BindingFlags.DeclaredOnly | BindingFlags.Instance | BindingFlags.Static
        | BindingFlags.Public | BindingFlags.NonPublic;

    private static readonly Dictionary<short, OpCode> Codes = typeof(OpCodes).GetFields(BindingFlags.Public | BindingFlags.Static)
        .Select(field => (OpCode)field.GetValue(null)!).ToDictionary(code => code.Value);

    /// <summary>Every type of an assembly beside a type that it mentions; both as they are declared at the outermost.</summary>
    public static IEnumerable<(Type From, Type To)> Of(Assembly assembly)
    {
        foreach (Type type in assembly.GetTypes())
        {
            foreach (Type mentioned in Mentioned(type).SelectMany(Parts).Where(part => part.Assembly == assembly).Distinct())
                yield return (Outermost(type), Outermost(mentioned));
        }
    }

    private static IEnumerable<Type> Mentioned(Type type)
    {
        IEnumerable<Type?> found =
        [
            type.BaseType,
            .. type.GetInterfaces(),
            .. type.GetFields(Own).Select(field => field.FieldType),
            .. type.GetMethods(Own).SelectMany(Signature).Concat(type.GetConstructors(Own).SelectMany(Signature)),
            .. type.GetMethods(Own).SelectMany(Body).Concat(type.GetConstructors(Own).SelectMany(Body)),
        ];
        return found.OfType<Type>();
    }

    private static IEnumerable<Type> Signature(MethodBase method) =>
        method.GetParameters().Select(parameter => parameter.ParameterType)
            .Concat(method is MethodInfo { ReturnType: Type result } ? [result] : []);

    private static IEnumerable<Type> Body(MethodBase method)
    {
        if (method.GetMethodBody() is not { } body)
            yield break;
        foreach (LocalVariableInfo local in body.LocalVariables)
            yield return local.LocalType;

        Type[] typeArguments = method.DeclaringType!.GetGenericArguments();
        Type[] methodArguments = method.IsGenericMethod ? method.GetGenericArguments() : [];
        foreach (int token in Tokens(body.GetILAsByteArray()!))
        {
            MemberInfo member = method.Module.ResolveMember(token, typeArguments, methodArguments)!;
            foreach (Type type in Named(member))
                yield return type;
        }
    }

    private static IEnumerable<Type> Named(MemberInfo member)
    {
        if (member is Type itself)
            return [itself];
        IEnumerable<Type> owner = member.DeclaringType is { } declaring ? [declaring] : [];
        if (member is not MethodBase method)
            return owner;

        // A value of an enumeration is a bare number in a body: the parameter that takes it tells.
        IEnumerable<Type> values = method.GetParameters().Select(parameter => parameter.ParameterType).Where(type => type.IsEnum);
        return owner.Concat(values).Concat(method.IsGenericMethod ? method.GetGenericArguments() : []);
    }

    /// <summary>The tokens of members in a method's body.</summary>
    private static IEnumerable<int> Tokens(byte[] body)
    {
        for (int at = 0; at < body.Length;)
        {
            short value = body[at] == 0xFE ? (short)(0xFE00 | body[at + 1]) : body[at];
            OpCode code = Codes[value];
            at += code.Size;
            if (code.OperandType is OperandType.InlineField or OperandType.InlineMethod or OperandType.InlineTok or OperandType.InlineType)
                yield return Number(body, at);
            at += OperandSize(code.OperandType, body, at);
        }
    }

    private static int OperandSize(OperandType kind, byte[] body, int at) => kind switch
    {
        OperandType.InlineNone => 0,
        OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
        OperandType.InlineVar => 2,
        OperandType.InlineI8 or OperandType.InlineR => 8,
        OperandType.InlineSwitch => sizeof(int) * (1 + Number(body, at)),
        _ => sizeof(int),
    };

    private static int Number(byte[] body, int at) => BinaryPrimitives.ReadInt32LittleEndian(body.AsSpan(at));

    /// <summary>A type taken apart: what it is an array, pointer or reference of, and its arguments.</summary>
    private static IEnumerable<Type> Parts(Type type)
    {
        if (type.HasElementType)
            return Parts(type.GetElementType()!);
        if (type.IsFunctionPointer)
            return type.GetFunctionPointerParameterTypes().Append(type.GetFunctionPointerReturnType()).SelectMany(Parts);
        if (type.IsGenericParameter)
            return [];
        return type.IsGenericType ? type.GetGenericArguments().SelectMany(Parts).Append(type.GetGenericTypeDefinition()) : [type];
    }

    private static Type Outermost(Type type)
    {
        while (type.DeclaringType is { } outer)
            type = outer;
        return type;
    }
}
