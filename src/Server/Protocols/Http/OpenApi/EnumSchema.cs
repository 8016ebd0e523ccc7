using System.Text.Json.Nodes;
using Google.Protobuf.Reflection;
using Microsoft.OpenApi;

namespace TaskGrpc.Server.Protocols.Http.OpenApi;

/// <summary>The schema of an enum: its full names, which answers have and requests may have.</summary>
internal static class EnumSchema
{
    private const string Bare = "A request may also write a name without the enum's prefix, in lower case as well.";

    public static OpenApiSchema Of(EnumDescriptor type, ProtoComments comments)
    {
        var values = type.Values.Where(value => value.Number != 0).ToList();
        var meanings = values.Select(value => $"- `{value.Name}`: {comments.Of(value)}");
        return new OpenApiSchema
        {
            Type = JsonSchemaType.String,
            Description = $"{comments.Of(type)}\n\n{string.Join('\n', meanings)}\n\n{Bare}",
            Enum = [.. values.Select(value => (JsonNode)value.Name)],
        };
    }
}
