using System.Net.Sockets;
using System.Security.Authentication;
using Grpc.Core;

namespace TaskGrpc.Client;

/// <summary>
/// Distinguishes the loss of a connection from an answer. gRPC for .NET reports the end of a whole connection as the status of the call:
/// an unanswered ping and a server that shuts down cleanly become INTERNAL, and a stream that a proxy cuts becomes CANCELLED.
/// </summary>
internal static class LostConnection
{
    /// <summary>HTTP/2 errors that refuse the request or the client itself, so that a repetition fails too (RFC 9113 §7).</summary>
    private enum Refusal : long
    {
        FlowControl = 3,
        FrameSize = 6,
        Compression = 9,
        EnhanceYourCalm = 11,
        InadequateSecurity = 12,
        Http11Required = 13,
    }

    /// <summary>UNAVAILABLE for any loss of a connection; any other status unchanged.</summary>
    public static Status AsUnavailable(Status status) => status.StatusCode switch
    {
        // Not by the caller: its cancellation is another exception.
        StatusCode.Cancelled => new Status(StatusCode.Unavailable, status.Detail, status.DebugException),
        StatusCode.Internal when MayPass(status.DebugException) =>
            new Status(StatusCode.Unavailable, status.Detail, status.DebugException),
        _ => status,
    };

    private static bool MayPass(Exception? cause)
    {
        var isLost = false;
        for (; cause is not null; cause = cause.InnerException)
        {
            switch (cause)
            {
                case HttpProtocolException refused when Enum.IsDefined((Refusal)refused.ErrorCode):
                case AuthenticationException:
                case HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError }:
                case HttpRequestException { HttpRequestError: HttpRequestError.VersionNegotiationError }:
                    return false;
                case IOException or SocketException:
                // A full server closes a connection before its first call; .NET gives no inner cause for that.
                case HttpRequestException
                {
                    InnerException: null,
                    HttpRequestError: HttpRequestError.Unknown or HttpRequestError.ConnectionError
                }:
                    isLost = true;
                    break;
            }
        }

        return isLost;
    }
}
