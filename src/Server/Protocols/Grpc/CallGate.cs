using System.Globalization;
using Grpc.AspNetCore.Server;
using Grpc.Core;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;
using TaskGrpc.Server.Calls.Limits;
using TaskGrpc.Server.Protocols.Grpc.Frames;

namespace TaskGrpc.Server.Protocols.Grpc;

/// <summary>
/// What every call passes before anything else, its authentication included: a bound on its metadata, and its exact path. Routing knows no
/// case and mends paths; a method's name is one sequence of bytes. gRPC-Web passes: what turns it into gRPC must come before this.
/// </summary>
internal sealed class CallGate(IOptions<LimitOptions> options)
{
    /// <summary>What each header costs beside its text, as HTTP/2 counts (RFC 9113, section 6.5.2).</summary>
    private const int Overhead = 32;

    private const string Grpc = "application/grpc";

    private const string NoSuchMethod =
        "This server has no such method. Check the path to the letter, its case too; reflection lists the services.";

    private readonly int _mostBytes = options.Value.MetadataBytes;

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
            return Refuse(call.Response, StatusCode.Unimplemented, NoSuchMethod);
        }

        FrameReader.Read(call, method.Type);
        return next(call);
    }

    /// <summary>Not gRPC-Web, whose type begins with the same letters.</summary>
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
                bytes += name.Length + (value?.Length ?? 0) + Overhead;
            }
        }

        return count > LimitOptions.MetadataEntries || bytes > _mostBytes;
    }

    private Task RefuseMetadata(HttpResponse response)
    {
        var most = $"{_mostBytes} bytes or {LimitOptions.MetadataEntries} entries";
        var message = $"The call's metadata is more than {most}. Send less, or shorter tokens.";
        return Refuse(response, StatusCode.ResourceExhausted, message);
    }

    private static Task RefuseHeaders(HttpResponse response)
    {
        response.StatusCode = StatusCodes.Status431RequestHeaderFieldsTooLarge;
        return Task.CompletedTask;
    }

    /// <summary>A status without a message: its trailers are the head of the answer.</summary>
    private static Task Refuse(HttpResponse response, StatusCode code, string message)
    {
        response.ContentType = Grpc;
        response.Headers.GrpcStatus = ((int)code).ToString(CultureInfo.InvariantCulture);
        response.Headers.GrpcMessage = message;
        return Task.CompletedTask;
    }
}
