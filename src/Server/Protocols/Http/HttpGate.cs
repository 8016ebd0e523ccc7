using Code = Google.Rpc.Code;
using Status = Google.Rpc.Status;

namespace TaskGrpc.Server.Protocols.Http;

/// <summary>
/// The first step of every request but native gRPC: refuses pages of other sites, and gives every refusal without a body a status in JSON.
/// </summary>
internal sealed class HttpGate(SameOrigin origin)
{
    private const string Grpc = "application/grpc";
    private const string GrpcWeb = Grpc + "-web";

    public Task PassAsync(HttpContext context, RequestDelegate next) =>
        IsNativeGrpc(context.Request) ? next(context) : PassHttpAsync(context, next);

    private async Task PassHttpAsync(HttpContext context, RequestDelegate next)
    {
        if (origin.RefusalOf(context.Request) is { } refusal)
        {
            await HttpErrors.WriteAsync(
                context.Response, new Status { Code = (int)Code.PermissionDenied, Message = refusal }, StatusCodes.Status403Forbidden);
            return;
        }

        await next(context);
        var response = context.Response;
        if (response is { HasStarted: false, ContentType: null, ContentLength: null }
            && AdviceOf(response.StatusCode) is var (code, advice))
        {
            await HttpErrors.WriteAsync(response, new Status { Code = (int)code, Message = advice }, response.StatusCode);
        }
    }

    /// <summary>Browsers cannot send HTTP/2 with a content type of gRPC and without a preflight.</summary>
    private static bool IsNativeGrpc(HttpRequest request) => HttpProtocol.IsHttp2(request.Protocol) && request.ContentType is { } type
        && type.StartsWith(Grpc, StringComparison.OrdinalIgnoreCase) && !type.StartsWith(GrpcWeb, StringComparison.OrdinalIgnoreCase);

    private static (Code Code, string Advice)? AdviceOf(int status) => status switch
    {
        StatusCodes.Status404NotFound => (Code.NotFound, "There is nothing at this path. /openapi.json lists all paths."),
        StatusCodes.Status405MethodNotAllowed => (Code.Unimplemented, "This path has no such method. The header Allow lists its methods."),
        StatusCodes.Status406NotAcceptable =>
            (Code.InvalidArgument, "A watch is text/event-stream or application/x-ndjson. Send one of them in Accept."),
        StatusCodes.Status431RequestHeaderFieldsTooLarge =>
            (Code.ResourceExhausted, "The headers are larger than Limits:MetadataBytes, or more than 100. Send fewer."),
        _ => null,
    };
}
