using System.Net.Sockets;
using System.Security.Authentication;
using Grpc.Core;

namespace TaskGrpc.Client;

/// <summary>
/// Tells the loss of a connection from an answer. gRPC for .NET takes the code of a whole connection's end for that of the call: a ping
/// without an answer and a server that leaves in peace are INTERNAL then, and a stream that a proxy cuts is CANCELLED.
/// </summary>
internal static class LostConnection
{
    /// <summary>What HTTP/2 says against the request or the client itself, and will say again (RFC 9113 §7).</summary>
    private enum Refusal : long
    {
        FlowControl = 3,
        FrameSize = 6,
        Compression = 9,
        EnhanceYourCalm = 11,
        InadequateSecurity = 12,
        Http11Required = 13,
    }

    /// <summary>UNAVAILABLE for the loss of a connection, however it came; any other status as it is.</summary>
    public static Status AsUnavailable(Status status) => status.StatusCode switch
    {
        // The caller has not cancelled it: that is another exception.
        StatusCode.Cancelled => new Status(StatusCode.Unavailable, status.Detail, status.DebugException),
        StatusCode.Internal when MayPass(status.DebugException) => new Status(StatusCode.Unavailable, status.Detail, status.DebugException),
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
                // A server that is full closes a connection before its first call: .NET gives no cause below for that.
                case HttpRequestException { InnerException: null, HttpRequestError: HttpRequestError.Unknown or HttpRequestError.ConnectionError }:
                    isLost = true;
                    break;
            }
        }

        return isLost;
    }
}
