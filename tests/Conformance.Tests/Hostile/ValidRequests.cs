using CsCheck;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;
using TaskGrpc.TestKit.Filters;

namespace TaskGrpc.Conformance.Tests.Hostile;

/// <summary>Requests of any call that are valid or nearly so: each field gets a value that fits its name.</summary>
internal sealed class ValidRequests(Random random, ExistingIds ids)
{
    private static readonly string[] Orders = ["", "priority desc, title", "due_at"];
    private static readonly string[] Definitions = ["tasks:\n- name: text\n  input: '{{text.output.a}}'\n", "tasks: [", "- a"];
    private static readonly string[] Masks = ["title", "due_at", "metadata", "priority", "concept_version", "delivery"];

    public IMessage Of(MessageDescriptor descriptor, int depth = 0)
    {
        var message = descriptor.Parser.ParseFrom(ByteString.Empty);
        foreach (var field in descriptor.Fields.InFieldNumberOrder())
        {
            // Not all fields at once, never two of a oneof, and required ones almost always.
            if (random.Next(8) > 0
                && (field.ContainingOneof is not { IsSynthetic: false } oneof || oneof.Fields[random.Next(oneof.Fields.Count)] == field))
            {
                Fill(message, field, depth);
            }
        }

        return message;
    }

    private void Fill(IMessage message, FieldDescriptor field, int depth)
    {
        if (field.IsRepeated && !field.IsMap)
        {
            var list = (System.Collections.IList)field.Accessor.GetValue(message);
            for (var i = random.Next(1, 3); i > 0; i--)
            {
                list.Add(ValueOf(message, field, depth));
            }
        }
        else if (!field.IsMap)
        {
            field.Accessor.SetValue(message, ValueOf(message, field, depth));
        }
    }

    private object ValueOf(IMessage message, FieldDescriptor field, int depth) => field.FieldType switch
    {
        FieldType.String => Text(message, field),
        FieldType.Bool => random.Next(4) == 0,
        FieldType.Enum => field.EnumType.Values[random.Next(1, field.EnumType.Values.Count)].Number,
        FieldType.Int32 => random.Next(-1, 5),
        FieldType.Int64 => (long)random.Next(0, 3),
        _ => field.MessageType.FullName switch
        {
            "google.protobuf.Timestamp" => new Timestamp { Seconds = random.Next() },
            "google.protobuf.Duration" => new Duration { Nanos = random.Next(10_000_000) },
            "google.protobuf.FieldMask" => new FieldMask { Paths = { Masks[random.Next(Masks.Length)] } },
            "google.protobuf.Struct" => FilterGen.Metadata.Single(),
            "google.protobuf.Value" => Value.ForStruct(FilterGen.Metadata.Single()),
            _ => depth > 3 ? field.MessageType.Parser.ParseFrom(ByteString.Empty) : Of(field.MessageType, depth + 1),
        },
    };

    private string Text(IMessage message, FieldDescriptor field) => field.Name switch
    {
        "id" or "ids" => ids.For(message.Descriptor.Name),
        "parent_id" or "child_id" => ids.For("BoardTask"),
        "task_id" => ids.For("MonitorTask"),
        "flow_execution_id" => ids.For("FlowExecution"),
        "endpoint" => "http://127.0.0.1:9/hook",
        "channel" => "ops@example.com",
        "definition" => Definitions[random.Next(Definitions.Length)],
        "request_id" => random.Next(2) == 0 ? "" : Guid.NewGuid().ToString(),
        "filter" => random.Next(2) == 0 ? FilterGen.Filter.Single().Text : "",
        "order_by" => Orders[random.Next(Orders.Length)],
        "page_token" => "",
        "etag" => random.Next(2) == 0 ? "" : "text",
        _ => "text",
    };
}
