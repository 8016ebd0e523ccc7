using System.Collections;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;
using TaskGrpc.Server.Faults;

namespace TaskGrpc.Server.Resources.Validation;

/// <summary>Checks any message against its descriptors: required fields, limits, known enum numbers, well-formed values.</summary>
internal static class MessageCheck
{
    /// <summary>Checks every field except output-only ones.</summary>
    public static void Check(IMessage message, string path, Violations violations)
    {
        foreach (var policy in FieldPolicy.Of(message.Descriptor))
        {
            if (!policy.IsOutputOnly)
            {
                CheckField(policy, message, path, violations);
            }
        }
    }

    public static void CheckField(FieldPolicy policy, IMessage message, string parent, Violations violations)
    {
        var path = new FieldPath(parent, policy.Field.Name);
        if (!policy.TryGet(message, out var value))
        {
            if (policy.IsRequired)
            {
                violations.Add(path.ToString(), "is required");
            }

            return;
        }

        if (!policy.Field.IsRepeated)
        {
            CheckValue(policy, value, path, violations);
            return;
        }

        var items = (IList)value;
        if (policy.MaxItems > 0 && items.Count > policy.MaxItems)
        {
            violations.Add(path.ToString(), $"has {items.Count} elements; send at most {policy.MaxItems}");
            return;
        }

        for (var i = 0; i < items.Count; i++)
        {
            CheckValue(policy, items[i]!, path with { Index = i }, violations);
        }
    }

    private static void CheckValue(FieldPolicy policy, object value, FieldPath path, Violations violations)
    {
        switch (policy.Field.FieldType)
        {
            case FieldType.String when TextFlaw(policy, (string)value) is { } flaw:
                violations.Add(path.ToString(), flaw);
                break;
            case FieldType.Enum when EnumFlaw(policy.Field.EnumType, (int)value) is { } flaw:
                violations.Add(path.ToString(), flaw);
                break;
            case FieldType.Message:
                CheckMessage(policy, (IMessage)value, path.ToString(), violations);
                break;
        }
    }

    private static string? TextFlaw(FieldPolicy policy, string text)
    {
        if (policy.IsUuid && !IsUuid(text))
        {
            return "must be a UUID in lower-case text, as the server assigned it";
        }

        if (policy.IsRequired && (policy.IsLookup ? string.IsNullOrWhiteSpace(text) : !VisibleText.IsIn(text)))
        {
            return TextCheck.Blank;
        }

        if (policy.MaxCharacters > 0 && TextCheck.CodePoints(text) is var length && length > policy.MaxCharacters)
        {
            return $"has {length} characters; at most {policy.MaxCharacters} are allowed";
        }

        return policy.MaxBytes > 0 && System.Text.Encoding.UTF8.GetByteCount(text) is var bytes && bytes > policy.MaxBytes
            ? $"has {bytes} bytes; at most {policy.MaxBytes} are allowed"
            : TextCheck.Flaw(text);
    }

    private static string? EnumFlaw(EnumDescriptor type, int number) =>
        type.FindValueByNumber(number) is not { } known ? $"has the unknown number {number}; use a value of {type.Name}"
        : number == 0 ? $"must not be {known.Name}"
        : null;

    private static void CheckMessage(FieldPolicy policy, IMessage message, string path, Violations violations)
    {
        if (policy.MaxBytes > 0 && message.CalculateSize() is var size && size > policy.MaxBytes)
        {
            violations.Add(path, $"has {size} bytes; at most {policy.MaxBytes} are allowed");
            return;
        }

        switch (message)
        {
            case Timestamp timestamp:
                TimeCheck.Check(timestamp, path, violations);
                break;
            case Duration duration:
                TimeCheck.Check(duration, path, violations);
                break;
            case Struct or Value:
                JsonCheck.Check(message, path, violations, policy.MaxLevels);
                break;
            case FieldMask:
                break;
            default:
                Check(message, path + ".", violations);
                break;
        }
    }

    public static bool IsUuid(string text) => Guid.TryParseExact(text, "D", out var id) && id.ToString() == text;
}
