using System.Text;
using System.Text.Json;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace TaskGrpc.Conformance.Tests.Hosting;

/// <summary>A message built from its reflected descriptor only: as much of a dynamic message as is needed to act like grpcurl.</summary>
public sealed class ReflectedMessage(MessageDescriptor descriptor)
{
    private readonly Dictionary<string, List<object>> _values = [];

    public string Text(string field) => (string)_values[field].Single();

    public ReflectedMessage Message(string field) => (ReflectedMessage)_values[field].Single();

    public IEnumerable<ReflectedMessage> Messages(string field) => _values.GetValueOrDefault(field)?.Cast<ReflectedMessage>() ?? [];

    public string EnumName(string field) =>
        descriptor.FindFieldByName(field).EnumType.FindValueByNumber((int)(ulong)_values[field].Single()).Name;

    public static ReflectedMessage Decode(MessageDescriptor descriptor, byte[] bytes)
    {
        var message = new ReflectedMessage(descriptor);
        var input = new CodedInputStream(bytes);
        while (input.ReadTag() is var tag && tag != 0)
        {
            var field = descriptor.FindFieldByNumber(WireFormat.GetTagFieldNumber(tag));
            object value = WireFormat.GetTagWireType(tag) switch
            {
                WireFormat.WireType.Varint => input.ReadUInt64(),
                WireFormat.WireType.LengthDelimited when field.FieldType == FieldType.Message =>
                    Decode(field.MessageType, input.ReadBytes().ToByteArray()),
                WireFormat.WireType.LengthDelimited => input.ReadString(),
                var type => throw new NotSupportedException($"No test reads the wire type {type}."),
            };
            if (!message._values.TryGetValue(field.Name, out var values))
            {
                message._values[field.Name] = values = [];
            }

            values.Add(value);
        }

        return message;
    }

    public static byte[] Encode(MessageDescriptor descriptor, JsonElement json)
    {
        using var bytes = new MemoryStream();
        using (var output = new CodedOutputStream(bytes, leaveOpen: true))
        {
            foreach (var property in json.EnumerateObject())
            {
                var field = descriptor.FindFieldByName(property.Name);
                switch (field.FieldType)
                {
                    case FieldType.Message:
                        output.WriteTag(field.FieldNumber, WireFormat.WireType.LengthDelimited);
                        output.WriteBytes(ByteString.CopyFrom(Encode(field.MessageType, property.Value)));
                        break;
                    case FieldType.String:
                        output.WriteTag(field.FieldNumber, WireFormat.WireType.LengthDelimited);
                        output.WriteBytes(ByteString.CopyFrom(Encoding.UTF8.GetBytes(property.Value.GetString()!)));
                        break;
                    case FieldType.Enum:
                        output.WriteTag(field.FieldNumber, WireFormat.WireType.Varint);
                        output.WriteInt32(field.EnumType.FindValueByName(property.Value.GetString()!).Number);
                        break;
                    case FieldType.Int64:
                        output.WriteTag(field.FieldNumber, WireFormat.WireType.Varint);
                        output.WriteInt64(long.Parse(property.Value.GetString()!, System.Globalization.CultureInfo.InvariantCulture));
                        break;
                    default:
                        throw new NotSupportedException($"No test writes the type {field.FieldType}.");
                }
            }
        }

        return bytes.ToArray();
    }
}
