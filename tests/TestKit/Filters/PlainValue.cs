using System.Text;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;

namespace TaskGrpc.TestKit.Filters;

/// <summary>The value at a path of a message, as a filter reads it: text, number, flag or timestamp; null if absent.</summary>
public static class PlainValue
{
    public static object? Of(IMessage message, params string[] path)
    {
        var field = message.Descriptor.FindFieldByName(path[0]);
        if (field.HasPresence && !field.Accessor.HasValue(message))
        {
            return null;
        }

        return field.Accessor.GetValue(message) switch
        {
            Struct json => path.Length == 1 ? json : Of(json, path.AsSpan(1)),
            IMessage inner when path.Length > 1 && inner is not Timestamp => Of(inner, path[1..]),
            Timestamp timestamp => (timestamp.Seconds * 1_000_000) + (timestamp.Nanos / 1000),
            System.Enum value when field.EnumType is { } type =>
                type.FindValueByNumber(Convert.ToInt32(value, System.Globalization.CultureInfo.InvariantCulture)).Name,
            int number => (double)number,
            var value => value,
        };
    }

    /// <summary>Compares two present values of one type; null if their types differ.</summary>
    public static int? Compare(object one, object other) => (one, other) switch
    {
        (string a, string b) => Encoding.UTF8.GetBytes(a).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(b)),
        (double a, double b) => a.CompareTo(b),
        (long a, long b) => a.CompareTo(b),
        (bool a, bool b) => a.CompareTo(b),
        _ => null,
    };

    public static bool Holds(string comparison, object? own, object wanted)
    {
        var order = own is null ? null : Compare(own, wanted);
        return comparison switch
        {
            "=" or ":" => order == 0,
            "!=" => order != 0,
            "<" => order < 0,
            "<=" => order <= 0,
            ">" => order > 0,
            _ => order >= 0,
        };
    }

    private static object? Of(Struct json, ReadOnlySpan<string> keys)
    {
        if (!json.Fields.TryGetValue(keys[0], out var value))
        {
            return null;
        }

        return (value.KindCase, keys.Length) switch
        {
            (Value.KindOneofCase.StructValue, > 1) => Of(value.StructValue, keys[1..]),
            (_, > 1) => null,
            (Value.KindOneofCase.StringValue, _) => value.StringValue,
            (Value.KindOneofCase.NumberValue, _) => value.NumberValue,
            (Value.KindOneofCase.BoolValue, _) => value.BoolValue,
            (Value.KindOneofCase.NullValue, _) => null,
            _ => value,
        };
    }
}
