using Grpc.Core;
using TaskGrpc.V1;

namespace TaskGrpc.Client;

/// <summary>
/// A call that the server refused, or that did not reach it. It is an <see cref="RpcException"/>, so code that catches those goes on
/// working; what TaskGrpc says beyond the status code is in its properties. Its message has the code, the reason, the method and the
/// address.
/// </summary>
public sealed class TaskGrpcException : RpcException
{
    internal TaskGrpcException(Status status, Metadata trailers, string message, TaskGrpcRefusal refusal, string? requestId)
        : base(status, trailers, message)
    {
        (Reason, Details, FieldViolations, RetryDelay) = (refusal.Reason, refusal.Details, refusal.FieldViolations, refusal.RetryDelay);
        (IsOurs, RequestId) = (refusal.IsOurs, requestId);
    }

    /// <summary>Why the server refused; <see cref="ErrorReason.Unspecified"/> when it was not TaskGrpc that refused, or a newer one gave a reason that this library does not know.</summary>
    public ErrorReason Reason { get; }

    /// <summary>The particulars of the reason, for example <c>current_etag</c> or <c>allowed</c>; empty if there are none.</summary>
    public IReadOnlyDictionary<string, string> Details { get; }

    /// <summary>Every field that was not acceptable; empty if the refusal is not about fields.</summary>
    public IReadOnlyList<FieldViolation> FieldViolations { get; }

    /// <summary>How long the server asks to wait before the next attempt; null if it does not say.</summary>
    public TimeSpan? RetryDelay { get; }

    /// <summary>
    /// The request_id under which the mutation was sent, the caller's own or the library's; null for a call that changes nothing. After
    /// UNAVAILABLE or DEADLINE_EXCEEDED the outcome is unknown: send the same request with this `request_id` again, and it is not done
    /// twice.
    /// </summary>
    public string? RequestId { get; }

    /// <summary>Whether TaskGrpc itself refused, and not a proxy, the connection or this library.</summary>
    internal bool IsOurs { get; }
}
