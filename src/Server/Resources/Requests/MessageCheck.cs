using System.Collections;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;
using TaskGrpc.Server.Faults;

namespace TaskGrpc.Server.Resources.Requests;

/// <summary>Checks any message against what its descriptors say: required fields, limits, known enum numbers, well-formed values.</summary>
internal static class MessageCheck
{
    /// <summary>Checks every field but those that only the server sets.</summary>
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

    public static void CheckField(FieldPolicy policy, IMessage message, string path, Violations violations)
    {
        var field = path + policy.Field.Name;
        if (!policy.IsPopulated(message))
        {
            if (policy.IsRequired)
            {
                violations.Add(field, "is required");
            }

            return;
        }

        var value = policy.Field.Accessor.GetValue(message);
        if (!policy.Field.IsRepeated)
        {
            CheckValue(policy, value, field, violations);
            return;
        }

        var items = (IList)value;
        if (policy.MaxItems > 0 && items.Count > policy.MaxItems)
        {
            violations.Add(field, $"has {items.Count} elements; send at most {policy.MaxItems}");
            return;
        }

        for (var i = 0; i < items.Count; i++)
        {
            CheckValue(policy, items[i]!, $"{field}[{i}]", violations);
        }
    }

    private static void CheckValue(FieldPolicy policy, object value, string path, Violations violations)
    {
        switch (policy.Field.FieldType)
        {
            case FieldType.String:
                CheckText(policy, (string)value, path, violations);
                break;
            case FieldType.Enum:
                CheckEnum(policy, (int)value, path, violations);
                break;
            case FieldType.Message:
                CheckMessage(policy, (IMessage)value, path, violations);
                break;
        }
    }

    private static void CheckText(FieldPolicy policy, string text, string path, Violations violations)
    {
        if (policy.IsUuid && !IsUuid(text))
        {
            violations.Add(path, "must be a UUID in lower-case text, as the server assigned it");
        }
        else if (policy.IsRequired && string.IsNullOrWhiteSpace(text))
        {
            violations.Add(path, "must not be blank");
        }
        else if (policy.MaxCharacters > 0 && TextCheck.CodePoints(text) is var length && length > policy.MaxCharacters)
        {
            violations.Add(path, $"has {length} characters; at most {policy.MaxCharacters} are allowed");
        }
        else if (policy.MaxBytes > 0 && System.Text.Encoding.UTF8.GetByteCount(text) is var bytes && bytes > policy.MaxBytes)
        {
            violations.Add(path, $"has {bytes} bytes; at most {policy.MaxBytes} are allowed");
        }
        else if (TextCheck.Flaw(text) is { } flaw)
        {
            violations.Add(path, flaw);
        }
    }

    private static void CheckEnum(FieldPolicy policy, int number, string path, Violations violations)
    {
        if (policy.Field.EnumType.FindValueByNumber(number) is null)
        {
            violations.Add(path, $"has the unknown number {number}; use a value of {policy.Field.EnumType.Name}");
        }
        else if (number == 0)
        {
            violations.Add(path, $"must not be {policy.Field.EnumType.FindValueByNumber(0).Name}");
        }
    }

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
            case Struct json:
                JsonCheck.Check(json, path, violations);
                break;
            case Value json:
                JsonCheck.Check(json, path, violations);
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
