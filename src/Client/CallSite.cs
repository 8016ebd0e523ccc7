using System.Globalization;
using System.Security.Authentication;
using Grpc.Core;

namespace TaskGrpc.Client;

/// <summary>Which call, to where, under which request_id: what an exception says of it.</summary>
internal readonly record struct CallSite(string Service, string Method, Uri Address, string? RequestId)
{
    public CallSite(IMethod method, Uri address, string? requestId)
        : this(method.ServiceName, method.Name, address, requestId)
    {
    }

    private enum Http2Error : long
    {
        FlowControl = 3,
        FrameSize = 6,
        Compression = 9,
        EnhanceYourCalm = 11,
        InadequateSecurity = 12,
        Http11Required = 13,
    }

    private string Name => $"{Service}/{Method} at {Address.GetLeftPart(UriPartial.Authority)}";

    public OperationCanceledException Cancelled(string how, Exception cause, CancellationToken cancellationToken) => new($"{Name} {how}.", cause, cancellationToken);

    /// <summary>The one exception of a failed call.</summary>
    /// <param name="exception">What gRPC says.</param>
    /// <param name="attempts">How many attempts were made.</param>
    /// <param name="elapsed">How long ago the call began; null for a stream.</param>
    /// <param name="before">The failure of the attempt before.</param>
    public TaskGrpcException Failure(RpcException exception, int attempts = 1, TimeSpan? elapsed = null, TaskGrpcException? before = null)
    {
        var refusal = TaskGrpcRefusal.Of(exception);
        var status = refusal.IsOurs ? exception.Status : Passing(exception.Status);
        var detail = Detail(status, elapsed, before);
        var reason = refusal.ReasonName.Length > 0 ? $" {refusal.ReasonName}" : "";
        var count = attempts > 1 ? string.Create(CultureInfo.InvariantCulture, $", attempt {attempts}") : "";
        var message = $"{detail} ({CodeName(status.StatusCode)}{reason}, {Name}{count})";
        return new TaskGrpcException(new Status(status.StatusCode, detail, status.DebugException), exception.Trailers, message, refusal, RequestId);
    }

    /// <summary>
    /// UNAVAILABLE for the loss of a connection, however it came. gRPC for .NET takes the code of a whole connection's end for that of the
    /// call: a ping without an answer and a server that leaves in peace are INTERNAL then, and a stream that a proxy cuts is CANCELLED.
    /// </summary>
    private static Status Passing(Status status) => status.StatusCode switch
    {
        // No caller has cancelled it: that is another exception.
        StatusCode.Cancelled => new Status(StatusCode.Unavailable, status.Detail, status.DebugException),
        StatusCode.Internal when IsLost(status.DebugException) => new Status(StatusCode.Unavailable, status.Detail, status.DebugException),
        _ => status,
    };

    /// <summary>Whether another connection may do better.</summary>
    private static bool IsLost(Exception? cause)
    {
        var isLost = false;
        for (; cause is not null; cause = cause.InnerException)
        {
            switch (cause)
            {
                // What the server has against this very request or client, it will have again.
                case HttpProtocolException refused when Enum.IsDefined((Http2Error)refused.ErrorCode):
                case AuthenticationException:
                case HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError or HttpRequestError.VersionNegotiationError }:
                    return false;
                case IOException or System.Net.Sockets.SocketException:
                    isLost = true;
                    break;
            }
        }

        return isLost;
    }

    private string Detail(Status status, TimeSpan? elapsed, TaskGrpcException? before)
    {
        if (status.StatusCode == StatusCode.DeadlineExceeded && status.Detail.Length == 0)
        {
            var when = elapsed is { } time ? string.Create(CultureInfo.InvariantCulture, $", {time.TotalSeconds:0.0} s after the call began") : "";
            return $"No answer came before the deadline{when}.{(before is null ? "" : $" The attempt before failed: {before.Status.Detail}")}";
        }

        if (status.StatusCode == StatusCode.Unavailable && status.DebugException is { } cause)
        {
            while (cause.InnerException is { } inner)
            {
                cause = inner;
            }

            return $"The connection to {Address.GetLeftPart(UriPartial.Authority)} was lost, or none could be made: {cause.Message}";
        }

        return status.Detail.Length > 0 ? status.Detail : "The server gave no explanation.";
    }

    /// <summary>As the gRPC specification writes it.</summary>
    private static string CodeName(StatusCode code) =>
        string.Concat(code.ToString().Select((letter, at) => at > 0 && char.IsUpper(letter) ? $"_{letter}" : char.ToUpperInvariant(letter).ToString()));
}
