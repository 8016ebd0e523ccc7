using Google.Protobuf.Reflection;
using Microsoft.OpenApi;
using TaskGrpc.Server.Protocols.Http.Requests;
using TaskGrpc.Server.Protocols.Http.Streams;
using TaskGrpc.Server.Resources.Validation;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Protocols.Http.OpenApi;

/// <summary>The parameters of a call: of the path, of the query, and the headers that the server reads.</summary>
internal sealed class CallParameters(OpenApiDocument document, Schemas schemas)
{
    private const string IdempotencyKey = "IdempotencyKey";
    private const string IfMatch = "IfMatch";
    private const string RequestTimeout = "RequestTimeout";
    private const string LastEventId = "LastEventId";

    /// <summary>The headers, by their names in the document's components.</summary>
    public static IDictionary<string, IOpenApiParameter> Headers => new Dictionary<string, IOpenApiParameter>
    {
        [IdempotencyKey] = Header(
            CallHeaders.IdempotencyKey,
            "A UUID, bare or in quotes, that makes the call repeatable for 24 hours: the `requestId`. If the request also has a "
            + "`requestId`, both must be equal.",
            new OpenApiSchema { Type = JsonSchemaType.String, Format = "uuid" }),
        [IfMatch] = Header(
            "If-Match",
            "The etag of the version to change, in quotes, as the header `ETag` has it; `*` or no header: whatever stands. If the "
            + "request also has an `etag`, both must be equal. Another version is 412.",
            new OpenApiSchema { Type = JsonSchemaType.String, Pattern = "^(\\*|\"[^\"]+\")$" }),
        [RequestTimeout] = Header(
            CallHeaders.Timeout,
            "How many seconds the caller waits, decimals allowed. After that the answer is 504, and the outcome of a change is unknown: "
            + "repeat it with the same `Idempotency-Key`.",
            new OpenApiSchema { Type = JsonSchemaType.Number, ExclusiveMinimum = "0" }),
        [LastEventId] = Header(
            EventSink.LastEventId,
            "The `id` of the last event that a reader has received, as an EventSource sends it by itself. It takes the place of "
            + "`snapshot` and of any start in the query.",
            new OpenApiSchema { Type = JsonSchemaType.String }),
    };

    public IList<IOpenApiParameter> Of(CallFields call, bool isStream)
    {
        List<IOpenApiParameter> all =
        [
            .. call.InPath.Select(field => Parameter(field.JsonName, [field], ParameterLocation.Path)),
            .. call.InQuery.Select(path =>
                Parameter(string.Join('.', path.Select(field => field.JsonName)), path, ParameterLocation.Query)),
        ];
        all.AddRange(HeadersOf(call, isStream).Select(name => new OpenApiParameterReference(name, document)));
        return all;
    }

    private static IEnumerable<string> HeadersOf(CallFields call, bool isStream)
    {
        if (call.Request is IMutation)
        {
            yield return IdempotencyKey;
        }

        if (CallHeaders.HasEtag(call.Request))
        {
            yield return IfMatch;
        }

        if (isStream)
        {
            yield return LastEventId;
        }

        yield return RequestTimeout;
    }

    private OpenApiParameter Parameter(string name, FieldDescriptor[] path, ParameterLocation place)
    {
        var policy = FieldPolicy.Of(path[^1].ContainingType).First(policy => policy.Field == path[^1]);
        var schema = new FieldSchema(schemas, policy, Shape.Whole);
        return new OpenApiParameter
        {
            Name = name,
            In = place,
            Description = schema.Description,
            Required = place == ParameterLocation.Path || (path.Length == 1 && policy.IsRequired),
            Style = place == ParameterLocation.Path ? ParameterStyle.Simple : ParameterStyle.Form,
            Explode = place == ParameterLocation.Query,
            Schema = place == ParameterLocation.Path && policy.IsOutputOnly
                ? new OpenApiSchema { Type = JsonSchemaType.String, Format = "uuid" } : schema.Type(),
        };
    }

    private static OpenApiParameter Header(string name, string description, OpenApiSchema schema) =>
        new() { Name = name, In = ParameterLocation.Header, Description = description, Schema = schema };
}
