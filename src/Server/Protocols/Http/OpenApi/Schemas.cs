using Google.Protobuf.Reflection;
using Microsoft.OpenApi;
using TaskGrpc.Server.Resources.Validation;

namespace TaskGrpc.Server.Protocols.Http.OpenApi;

/// <summary>How a schema shows a message.</summary>
internal enum Shape
{
    /// <summary>As it is stored, created and answered.</summary>
    Whole,

    /// <summary>Some of its fields: nothing is required.</summary>
    Part,

    /// <summary>What a PATCH changes: nothing is required, and null clears a field.</summary>
    Patch,
}

/// <summary>The schemas of the messages and enums, each added to the document when it is first used.</summary>
internal sealed class Schemas(OpenApiDocument document, ProtoComments comments, IEnumerable<MessageDescriptor> requests)
{
    private readonly HashSet<MessageDescriptor> _sent = Reach(requests);
    private readonly IDictionary<string, IOpenApiSchema> _schemas = document.Components!.Schemas!;

    public ProtoComments Comments => comments;

    /// <summary>Whether requests contain the message, so that its limits matter to callers.</summary>
    public bool IsSent(MessageDescriptor message) => _sent.Contains(message);

    /// <summary>The name of a nested message contains those of the outer ones.</summary>
    public static string NameOf(MessageDescriptor message) =>
        message.ContainingType is { } outer ? NameOf(outer) + message.Name : message.Name;

    public OpenApiSchemaReference Of(MessageDescriptor message, Shape shape = Shape.Whole) =>
        Of(message, shape, message.Fields.InFieldNumberOrder(), NameOf(message) + (shape == Shape.Whole ? "" : shape.ToString()));

    /// <summary>The schema of a message with some of its fields.</summary>
    public OpenApiSchemaReference Of(MessageDescriptor message, Shape shape, IEnumerable<FieldDescriptor> fields, string name)
    {
        // The name first: messages contain themselves.
        if (_schemas.TryAdd(name, new OpenApiSchema()))
        {
            _schemas[name] = Write(message, shape, fields);
        }

        return new OpenApiSchemaReference(name, document);
    }

    public OpenApiSchemaReference Of(EnumDescriptor type)
    {
        if (!_schemas.ContainsKey(type.Name))
        {
            _schemas.Add(type.Name, EnumSchema.Of(type, comments));
        }

        return new OpenApiSchemaReference(type.Name, document);
    }

    /// <summary>The schema with a name that no message has; made when it is first used.</summary>
    public OpenApiSchemaReference Of(string name, Func<OpenApiSchema> make)
    {
        if (!_schemas.ContainsKey(name))
        {
            _schemas.Add(name, make());
        }

        return new OpenApiSchemaReference(name, document);
    }

    private OpenApiSchema Write(MessageDescriptor message, Shape shape, IEnumerable<FieldDescriptor> fields)
    {
        var schema = new OpenApiSchema
        {
            Type = JsonSchemaType.Object,
            Description = comments.Of(message) + Alternatives(message) + (shape switch
            {
                Shape.Part => "\n\nOnly some of its fields.",
                Shape.Patch => "\n\nThe fields to change. `null` clears a field, or returns it to its default.",
                _ => "",
            }),
            Properties = new Dictionary<string, IOpenApiSchema>(),
            Required = new HashSet<string>(),
        };
        var policies = FieldPolicy.Of(message).ToDictionary(policy => policy.Field);
        foreach (var field in fields)
        {
            schema.Properties.Add(field.JsonName, new FieldSchema(this, policies[field], shape).Of());
            if (shape == Shape.Whole && policies[field].IsRequired)
            {
                schema.Required.Add(field.JsonName);
            }
        }

        return schema;
    }

    private static HashSet<MessageDescriptor> Reach(IEnumerable<MessageDescriptor> requests)
    {
        var (reached, next) = (new HashSet<MessageDescriptor>(), new Queue<MessageDescriptor>(requests));
        while (next.TryDequeue(out var message))
        {
            var inner = FieldPolicy.Of(message).Where(policy => !policy.IsOutputOnly && policy.Field.FieldType == FieldType.Message);
            foreach (var field in reached.Add(message) ? inner : [])
            {
                next.Enqueue(field.Field.MessageType);
            }
        }

        return reached;
    }

    /// <summary>Fields of which at most one is there.</summary>
    private static string Alternatives(MessageDescriptor message) => string.Concat(message.Oneofs.Where(oneof => !oneof.IsSynthetic)
        .Select(oneof => $"\n\nAt most one of {string.Join(", ", oneof.Fields.Select(field => $"`{field.JsonName}`"))}."));
}
