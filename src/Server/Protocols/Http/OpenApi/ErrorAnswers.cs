using System.Text.Json.Nodes;
using Microsoft.OpenApi;
using TaskGrpc.Server.Faults;
using TaskGrpc.V1;
using Code = Google.Rpc.Code;
using Status = Google.Rpc.Status;

namespace TaskGrpc.Server.Protocols.Http.OpenApi;

/// <summary>The answers of refused calls, one for each HTTP status. A call refers to them and says its own reasons.</summary>
internal static class ErrorAnswers
{
    private const string SomeId = "0199c0de-7000-7000-8000-000000000001";

    private static readonly Error[] All =
    [
        new(StatusCodes.Status400BadRequest, "InvalidRequest", "The request is wrong, or the state of the resource does not allow it.",
            FaultStatus.Whole(Fault.InvalidField("agent_task.title", "is required"))),
        new(StatusCodes.Status401Unauthorized, "Unauthenticated", "The caller is not known.", Refusal(ErrorReason.TokenMissing)),
        new(StatusCodes.Status403Forbidden, "Forbidden",
            "The caller may not make this call. Without an issuer: the page's origin may not, or the Host is not of this machine.",
            Refusal(ErrorReason.ScopeMissing)),
        new(StatusCodes.Status404NotFound, "NotFound", "There is no such resource in the caller's organization.",
            FaultStatus.Whole(Fault.NotFound(nameof(AgentTask), SomeId))),
        new(StatusCodes.Status406NotAcceptable, "NotAcceptable", "A watch is `text/event-stream` or `application/x-ndjson`.",
            new Status { Code = (int)Code.InvalidArgument, Message = "Send one of them in Accept." }),
        new(StatusCodes.Status409Conflict, "Conflict", "The resource exists already, or somebody else was first.",
            Refusal(ErrorReason.LeaseLost)),
        new(StatusCodes.Status412PreconditionFailed, "PreconditionFailed", "The resource has another etag than the header `If-Match`.",
            FaultStatus.Whole(Fault.EtagMismatch(nameof(AgentTask), SomeId, "MTc"))),
        new(StatusCodes.Status413PayloadTooLarge, "ContentTooLarge", "The body has more than `Limits:RequestBytes`.",
            FaultStatus.Whole(Fault.InvalidField("body", "has more than 4194304 bytes; send less at once"))),
        new(StatusCodes.Status415UnsupportedMediaType, "UnsupportedMediaType", "The Content-Type is not `application/json`.",
            FaultStatus.Whole(Fault.InvalidField("Content-Type", $"must be {JsonAnswers.ContentType}, even without a body"))),
        new(StatusCodes.Status429TooManyRequests, "TooManyRequests", "A limit is reached.",
            FaultStatus.Whole(new Fault(ErrorReason.RateLimited, ErrorReasons.Of(ErrorReason.RateLimited).Advice)
            {
                RetryAfter = TimeSpan.FromSeconds(1),
            })),
        new(StatusCodes.Status500InternalServerError, "Internal", "The server failed. Tell its operator the `incident_id`.",
            FaultStatus.Whole(new Fault(ErrorReason.Unexpected, ErrorReasons.Of(ErrorReason.Unexpected).Advice)
                .With("incident_id", "6f1c2b5e-53a1-4b8e-9c3e-2f6f4f0d9a11"))),
        new(StatusCodes.Status503ServiceUnavailable, "Unavailable", "The server cannot answer now. Repeat the call with the same key.",
            Refusal(ErrorReason.Draining)),
        new(StatusCodes.Status504GatewayTimeout, "DeadlineExceeded",
            "The time of `X-Request-Timeout`, or the server's own limit, has passed. The outcome of a change is unknown: repeat it with "
            + "the same `Idempotency-Key`.",
            new Status { Code = (int)Code.DeadlineExceeded, Message = "The call was cancelled." }),
    ];

    /// <summary>The answers for the document's components.</summary>
    public static IDictionary<string, IOpenApiResponse> Components(IOpenApiSchema status) =>
        All.ToDictionary(error => error.Name, error => (IOpenApiResponse)new OpenApiResponse
        {
            Description = error.Description,
            Headers = Headers(error.Status),
            Content = new Dictionary<string, IOpenApiMediaType>
            {
                [JsonAnswers.ContentType] = new OpenApiMediaType
                {
                    Schema = status,
                    Example = JsonNode.Parse(JsonAnswers.Of(error.Example)),
                },
            },
        });

    /// <summary>The answer with a status, for a call.</summary>
    public static OpenApiResponseReference Of(int status, IEnumerable<ErrorReasons.Entry> reasons, OpenApiDocument document)
    {
        var error = All.Single(error => error.Status == status);
        var told = string.Concat(reasons.Select(reason => $"\n- `{reason.Name}`: {reason.Advice}"));
        return new OpenApiResponseReference(error.Name, document)
        {
            Description = told.Length > 0 ? $"{error.Description}\n{told}" : error.Description,
        };
    }

    private static Dictionary<string, IOpenApiHeader>? Headers(int status) => status switch
    {
        StatusCodes.Status401Unauthorized => Header("WWW-Authenticate", "`Bearer`.", JsonSchemaType.String),
        StatusCodes.Status429TooManyRequests or StatusCodes.Status503ServiceUnavailable =>
            Header("Retry-After", "How many seconds to wait, where the server knows it.", JsonSchemaType.Integer),
        _ => null,
    };

    private static Dictionary<string, IOpenApiHeader> Header(string name, string description, JsonSchemaType type) =>
        new() { [name] = new OpenApiHeader { Description = description, Schema = new OpenApiSchema { Type = type } } };

    private static Status Refusal(ErrorReason reason) => FaultStatus.Whole(new Fault(reason, ErrorReasons.Of(reason).Advice));

    private sealed record Error(int Status, string Name, string Description, Status Example);
}
