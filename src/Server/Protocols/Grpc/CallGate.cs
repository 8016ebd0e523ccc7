using System.Globalization;
using Grpc.AspNetCore.Server;
using Grpc.Core;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;
using TaskGrpc.Server.Calls;
using TaskGrpc.Server.Calls.Limits;
using TaskGrpc.Server.Protocols.Grpc.Frames;

namespace TaskGrpc.Server.Protocols.Grpc;

/// <summary>
/// Checks every call before authentication: the size of its metadata, and its exact path, because routing ignores case and normalizes
/// paths. gRPC-Web passes: the middleware that converts it to gRPC must run before this.
/// </summary>
internal sealed class CallGate(IOptions<LimitOptions> options)
{
    private const string Grpc = "application/grpc";

    private readonly LimitOptions _limits = options.Value;

    public Task PassAsync(HttpContext call, RequestDelegate next)
    {
        var isGrpc = IsGrpc(call.Request.ContentType);
        if (IsTooMuch(call.Request.Headers))
        {
            return isGrpc ? RefuseMetadata(call.Response) : RefuseHeaders(call.Response);
        }

        if (!isGrpc)
        {
            return next(call);
        }

        if (call.GetEndpoint()?.Metadata.GetMetadata<GrpcMethodMetadata>()?.Method is not { } method
            || method.FullName != call.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget)
        {
            return Refuse(call.Response, StatusCode.Unimplemented, CallTable.NoSuchCall);
        }

        FrameReader.Read(call, method.Type);
        return next(call);
    }

    /// <summary>Whether it is gRPC, not gRPC-Web, whose content type begins alike.</summary>
    private static bool IsGrpc(string? contentType) =>
        contentType is not null && contentType.StartsWith(Grpc, StringComparison.OrdinalIgnoreCase)
        && (contentType.Length == Grpc.Length || contentType[Grpc.Length] is ';' or '+');

    private bool IsTooMuch(IHeaderDictionary headers)
    {
        int count = 0, bytes = 0;
        foreach (var (name, values) in headers)
        {
            foreach (var value in values)
            {
                count++;
                bytes += name.Length + (value?.Length ?? 0) + LimitOptions.MetadataOverhead;
            }
        }

        return _limits.IsTooMuchMetadata(count, bytes);
    }

    private Task RefuseMetadata(HttpResponse response) => Refuse(response, StatusCode.ResourceExhausted, _limits.TooMuchMetadata);

    private static Task RefuseHeaders(HttpResponse response)
    {
        response.StatusCode = StatusCodes.Status431RequestHeaderFieldsTooLarge;
        return Task.CompletedTask;
    }

    /// <summary>Answers with a status alone: its trailers are sent as headers.</summary>
    private static Task Refuse(HttpResponse response, StatusCode code, string message)
    {
        response.ContentType = Grpc;
        response.Headers.GrpcStatus = ((int)code).ToString(CultureInfo.InvariantCulture);
        response.Headers.GrpcMessage = message;
        return Task.CompletedTask;
    }
}
