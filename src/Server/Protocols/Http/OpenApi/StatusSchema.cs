using System.Text.Json.Nodes;
using Google.Protobuf.Reflection;
using Google.Rpc;
using Microsoft.OpenApi;
using TaskGrpc.Server.Faults;
using TaskGrpc.V1;
using Status = Google.Rpc.Status;

namespace TaskGrpc.Server.Protocols.Http.OpenApi;

/// <summary>The schema of every error: google.rpc.Status with its details, each of which names its type.</summary>
internal sealed class StatusSchema(OpenApiDocument document, Schemas schemas)
{
    private const string Type = "@type";
    private const string Reasons = "ErrorReason";

    private static readonly MessageDescriptor[] Details =
        [ErrorInfo.Descriptor, BadRequest.Descriptor, PreconditionFailure.Descriptor, ResourceInfo.Descriptor, RetryInfo.Descriptor];

    public OpenApiSchemaReference Of() => schemas.Of(Status.Descriptor.Name, Make);

    private OpenApiSchema Make()
    {
        var details = Details.ToDictionary(detail => $"type.googleapis.com/{detail.FullName}", Detail);
        return new OpenApiSchema
        {
            Type = JsonSchemaType.Object,
            Description = "An error: `google.rpc.Status`. The message says what to do next; programs read the details.",
            Required = new HashSet<string> { "code", "message" },
            Properties = new Dictionary<string, IOpenApiSchema>
            {
                ["code"] = new OpenApiSchema
                {
                    Type = JsonSchemaType.Integer,
                    Format = "int32",
                    Description = "The number of `google.rpc.Code`.",
                },
                ["message"] = new OpenApiSchema
                {
                    Type = JsonSchemaType.String,
                    Description = "What is wrong and what to do next, for people.",
                },
                ["details"] = new OpenApiSchema
                {
                    Type = JsonSchemaType.Array,
                    Description = "An ErrorInfo with the reason, and what else fits the error. An error without a reason of this service, "
                        + "such as 404 for an unknown path, has no details.",
                    Items = new OpenApiSchema
                    {
                        OneOf = [.. details.Values],
                        Discriminator = new OpenApiDiscriminator { PropertyName = Type, Mapping = details },
                    },
                },
            },
        };
    }

    private OpenApiSchemaReference Detail(MessageDescriptor message)
    {
        var reference = schemas.Of(message);
        var schema = (OpenApiSchema)document.Components!.Schemas![message.Name];
        schema.Properties![Type] = new OpenApiSchema
        {
            Type = JsonSchemaType.String,
            Const = $"type.googleapis.com/{message.FullName}",
            Description = "The type of this detail.",
        };
        schema.Required!.Add(Type);
        if (message == ErrorInfo.Descriptor)
        {
            var reason = schemas.Of(Reasons, Reason);
            reason.Description = "Why the service refuses the call; programs decide on it.";
            schema.Properties["reason"] = reason;
            schema.Required.Add("reason");
        }

        return reference;
    }

    /// <summary>The reasons as they are on the wire: without the enum's prefix.</summary>
    private OpenApiSchema Reason()
    {
        var meanings = EnumNames<ErrorReason>.Values
            .Select(value => $"- `{EnumNames<ErrorReason>.Bare(value)}`: {schemas.Comments.Of(value)}");
        return new OpenApiSchema
        {
            Type = JsonSchemaType.String,
            Description = $"Why the service refuses a call. A later release may add reasons.\n\n{string.Join('\n', meanings)}",
            Enum = [.. ErrorReasons.All.Select(entry => (JsonNode)entry.Name)],
        };
    }
}
