using System.Collections;
using System.Collections.Concurrent;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace TaskGrpc.Server.Ledger.Kinds;

/// <summary>
/// Compares messages including the presence of optional fields. The generated <c>Equals</c> reads an absent field as its default, so
/// absent equals "".
/// </summary>
internal static class Presence
{
    private static readonly ConcurrentDictionary<MessageDescriptor, FieldDescriptor[]> Optional = new();

    /// <summary>Whether two messages, or two values of one field, are equal and have the same fields set, at every level.</summary>
    public static bool Equal(object? one, object? other) => Equals(one, other) && IsSameValue(one, other);

    private static bool IsSameValue(object? one, object? other) => (one, other) switch
    {
        (IMessage message, IMessage second) => IsSame(message, second),
        (IList { Count: > 0 } items, IList others) => IsSameList(items, others),
        _ => true,
    };

    private static bool IsSame(IMessage one, IMessage other)
    {
        foreach (var field in OptionalOf(one.Descriptor))
        {
            var accessor = field.Accessor;
            var isSame = field.FieldType == FieldType.Message
                ? IsSameValue(accessor.GetValue(one), accessor.GetValue(other))
                : accessor.HasValue(one) == accessor.HasValue(other);
            if (!isSame)
            {
                return false;
            }
        }

        return true;
    }

    private static bool IsSameList(IList items, IList others)
    {
        if (items[0] is not IMessage first || OptionalOf(first.Descriptor).Length == 0)
        {
            return true;
        }

        for (var i = 0; i < items.Count; i++)
        {
            if (!IsSame((IMessage)items[i]!, (IMessage)others[i]!))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The fields that <c>Equals</c> does not compare fully: optional scalars, and messages that contain such fields.</summary>
    private static FieldDescriptor[] OptionalOf(MessageDescriptor message) => Optional.TryGetValue(message, out var known)
        ? known
        : Optional.GetOrAdd(message, [.. message.Fields.InFieldNumberOrder().Where(field => HasOptional(field, []))]);

    private static bool HasOptional(FieldDescriptor field, HashSet<MessageDescriptor> seen) => field.FieldType == FieldType.Message
        ? seen.Add(field.MessageType) && field.MessageType.Fields.InFieldNumberOrder().Any(nested => HasOptional(nested, seen))
        // Equals compares the case of a real oneof.
        : field.HasPresence && field.ContainingOneof is not { IsSynthetic: false };
}
