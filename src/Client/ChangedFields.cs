using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;

namespace TaskGrpc.Client;

/// <summary>
/// The top-level fields in which two messages differ, told by their bytes: absent and empty are two values there, which the generated
/// Equals does not tell apart, and no reflection is needed, which compilation ahead of time could miss.
/// </summary>
internal static class ChangedFields
{
    public static FieldMask Between(IMessage before, IMessage after)
    {
        var (old, now) = (Values(before), Values(after));
        var changed = after.Descriptor.Fields.InFieldNumberOrder().Where(field =>
            !old.GetValueOrDefault(field.FieldNumber).Span.SequenceEqual(now.GetValueOrDefault(field.FieldNumber).Span));
        return new FieldMask { Paths = { changed.Select(field => field.Name) } };
    }

    /// <summary>
    /// The bytes after each field's first tag, by the field's number. The elements of a repeated field follow each other.
    /// </summary>
    private static Dictionary<int, ReadOnlyMemory<byte>> Values(IMessage message)
    {
        var bytes = new byte[message.CalculateSize()];
        // Deterministic, because an equal Struct may have its keys in another order.
        using (var output = new CodedOutputStream(new MemoryStream(bytes), leaveOpen: false) { Deterministic = true })
        {
            message.WriteTo(output);
        }

        var values = new Dictionary<int, ReadOnlyMemory<byte>>();
        using var input = new CodedInputStream(bytes);
        var (number, start) = (0, 0);
        while (input.ReadTag() is not 0 and var tag)
        {
            var field = WireFormat.GetTagFieldNumber(tag);
            (number, start) = field == number ? (number, start) : (field, (int)input.Position);
            input.SkipLastField();
            values[number] = bytes.AsMemory(start..(int)input.Position);
        }

        return values;
    }
}
