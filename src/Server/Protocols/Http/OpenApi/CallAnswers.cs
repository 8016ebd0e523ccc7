using Google.Protobuf.Reflection;
using Microsoft.OpenApi;
using TaskGrpc.Server.Faults;
using TaskGrpc.Server.Protocols.Http.Requests;
using TaskGrpc.Server.Protocols.Http.Streams;
using TaskGrpc.V1;
using Status = Google.Rpc.Status;

namespace TaskGrpc.Server.Protocols.Http.OpenApi;

/// <summary>The answers of a call: what it returns, and its refusals by HTTP status.</summary>
internal sealed class CallAnswers(OpenApiDocument document, Schemas schemas)
{
    public const string Etag = "ETag";

    private const string StreamText =
        "The changes, each message a WatchResponse. As `text/event-stream`, an event `change` has one in its data, and its id is the "
        + "`resumeToken`: an EventSource continues by itself after a cut. A heartbeat is an id without data. An event `status` with the "
        + "id `end` closes a watch that is over for good; its data is a Status. UNAVAILABLE and RESOURCE_EXHAUSTED are an event `status` "
        + "too, so that an EventSource comes back. As `application/x-ndjson`, each line is a WatchResponse; a line with only the field "
        + "`error`, a Status, ends a stream that fails.";

    private readonly CallReasons _reasons = new(schemas.Comments);

    public static IDictionary<string, IOpenApiHeader> Headers => new Dictionary<string, IOpenApiHeader>
    {
        [Etag] = new OpenApiHeader
        {
            Description = "The resource's etag in quotes, for the header `If-Match` of a change.",
            Schema = new OpenApiSchema { Type = JsonSchemaType.String },
        },
    };

    public OpenApiResponses Of(MethodDescriptor method, CallFields call)
    {
        var answers = new OpenApiResponses { ["200"] = method.IsServerStreaming ? Stream(method) : Answer(method) };
        if (method.IsServerStreaming)
        {
            answers.Add("204", new OpenApiResponse { Description = "The watch is over for good: the `Last-Event-ID` was `end`." });
        }

        var reasons = _reasons.Of(method, call.Request).ToLookup(StatusOf);
        foreach (var status in Statuses(method, call).Union(reasons.Select(group => group.Key)).Order())
        {
            var told = status == StatusCodes.Status412PreconditionFailed ? [ErrorReasons.Of(ErrorReason.EtagMismatch)] : reasons[status];
            answers.Add($"{status}", ErrorAnswers.Of(status, told, document));
        }

        return answers;
    }

    private OpenApiResponse Answer(MethodDescriptor method) => new()
    {
        Description = schemas.Comments.Of(method.OutputType),
        Headers = method.OutputType.FindFieldByName("etag") is null ? null
            : new Dictionary<string, IOpenApiHeader> { [Etag] = new OpenApiHeaderReference(Etag, document) },
        Content = new Dictionary<string, IOpenApiMediaType>
        {
            [JsonAnswers.ContentType] = new OpenApiMediaType { Schema = schemas.Of(method.OutputType) },
        },
    };

    private OpenApiResponse Stream(MethodDescriptor method) => new()
    {
        Description = StreamText,
        Content = new[] { StreamSink.Events, StreamSink.Lines }.ToDictionary(
            type => type, type => (IOpenApiMediaType)new OpenApiMediaType { Schema = schemas.Of(method.OutputType) }),
    };

    /// <summary>The statuses that do not come from a reason.</summary>
    private static IEnumerable<int> Statuses(MethodDescriptor method, CallFields call)
    {
        if (call.Route.Body.Length > 0)
        {
            yield return StatusCodes.Status413PayloadTooLarge;
        }

        if (call.Route.Body.Length > 0 || call.Route.Verb == HttpMethods.Post)
        {
            yield return StatusCodes.Status415UnsupportedMediaType;
        }

        if (method.IsServerStreaming)
        {
            yield return StatusCodes.Status406NotAcceptable;
        }

        if (CallHeaders.HasEtag(call.Request))
        {
            yield return StatusCodes.Status412PreconditionFailed;
        }

        yield return StatusCodes.Status504GatewayTimeout;
    }

    private static int StatusOf(ErrorReasons.Entry reason) => HttpErrors.StatusOf(new Status { Code = (int)reason.Code });
}
