using Google.Protobuf.Reflection;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Faults;

/// <summary>The proto's names of an enum's values: full (AGENT_TASK_STATUS_QUEUED) and bare (QUEUED).</summary>
internal static class EnumNames<TEnum>
    where TEnum : struct, Enum
{
    // The proto of the log imports those of all kinds.
    private static readonly EnumDescriptor Type = WithImports(WatchReflection.Descriptor).Append(ErrorReasonReflection.Descriptor)
        .SelectMany(file => file.EnumTypes).First(type => type.ClrType == typeof(TEnum));

    private static readonly string Prefix = Type.FindValueByNumber(0).Name[..^"UNSPECIFIED".Length];

    /// <summary>All but the unspecified one, in the order of their numbers.</summary>
    public static IEnumerable<EnumValueDescriptor> Values => Type.Values.Where(value => value.Number != 0).OrderBy(value => value.Number);

    /// <summary>The full name of a value that the proto has.</summary>
    public static string Of(TEnum value) => Of((int)(object)value);

    /// <summary>The full name of a value, by its number.</summary>
    public static string Of(int value) => Type.FindValueByNumber(value).Name;

    public static string Bare(EnumValueDescriptor value) => value.Name[Prefix.Length..];

    /// <summary>Finds a value by its full or bare name, except the unspecified one.</summary>
    public static bool TryGet(string name, out int number)
    {
        number = (Type.FindValueByName(name) ?? Type.FindValueByName(Prefix + name))?.Number ?? 0;
        return number != 0;
    }

    private static IEnumerable<FileDescriptor> WithImports(FileDescriptor file) => file.Dependencies.SelectMany(WithImports).Prepend(file);
}
