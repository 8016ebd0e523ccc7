using Google.Protobuf.Reflection;

namespace TaskGrpc.Server.Protocols.Http.Requests;

/// <summary>
/// The values of enums in requests: full names as in answers, or without the enum's prefix and in any case, as the systems write them
/// that callers come from.
/// </summary>
internal static class JsonEnums
{
    private const string Unspecified = "UNSPECIFIED";

    /// <summary>The value with a name; null if there is none.</summary>
    public static EnumValueDescriptor? Find(EnumDescriptor type, string text)
    {
        var name = text.ToUpperInvariant();
        return type.FindValueByName(text) ?? type.FindValueByName(Prefix(type) + name)
            // The two spellings of English. The contract writes the American one.
            ?? (name == "CANCELLED" ? type.FindValueByName(Prefix(type) + "CANCELED") : null);
    }

    /// <summary>The names of all values but the unspecified one, for a violation.</summary>
    public static string Names(EnumDescriptor type) =>
        string.Join(", ", type.Values.Where(value => value.Number != 0).Select(value => value.Name));

    private static string Prefix(EnumDescriptor type) => type.FindValueByNumber(0).Name[..^Unspecified.Length];
}
