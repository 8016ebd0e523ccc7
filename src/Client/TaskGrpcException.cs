using Grpc.Core;
using TaskGrpc.V1;

namespace TaskGrpc.Client;

/// <summary>
/// A call that the server refused, or that did not reach it. It is an <see cref="RpcException"/>, so code that catches those works
/// unchanged. The properties hold what TaskGrpc says beyond the status code; the message has the code, the reason, the method and the
/// address.
/// </summary>
public sealed class TaskGrpcException : RpcException
{
    /// <summary>Makes the refusal that a server would send for a reason, for a test's client.</summary>
    /// <param name="reason">Why the server refuses. It decides the status code.</param>
    /// <param name="message">The message.</param>
    /// <param name="details">The particulars of the reason. Null: none.</param>
    /// <param name="fieldViolations">The fields that are not acceptable. Null: none.</param>
    /// <param name="retryDelay">How long the server asks to wait. Null: it does not say.</param>
    /// <param name="requestId">The request_id of the mutation. Null: the call changes nothing.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="reason"/> is unspecified or not in the contract.</exception>
    public TaskGrpcException(
        ErrorReason reason,
        string message,
        IReadOnlyDictionary<string, string>? details = null,
        IReadOnlyList<FieldViolation>? fieldViolations = null,
        TimeSpan? retryDelay = null,
        string? requestId = null)
        : base(new Status(CodeOf(reason), message), [], message)
    {
        (Reason, RetryDelay, RequestId, IsOurs) = (reason, retryDelay, requestId, true);
        (Details, FieldViolations) = (details ?? new Dictionary<string, string>(), fieldViolations ?? []);
    }

    /// <summary>Makes a failure without a reason, such as UNAVAILABLE or DEADLINE_EXCEEDED, for a test's client.</summary>
    /// <param name="status">The status.</param>
    /// <param name="requestId">The request_id of the mutation. Null: the call changes nothing.</param>
    public TaskGrpcException(Status status, string? requestId = null)
        : base(status, [], status.Detail) =>
        (Details, FieldViolations, RequestId) = (new Dictionary<string, string>(), [], requestId);

    internal TaskGrpcException(Status status, Metadata trailers, string message, TaskGrpcRefusal refusal, string? requestId)
        : base(status, trailers, message)
    {
        (Reason, Details, FieldViolations, RetryDelay) = (refusal.Reason, refusal.Details, refusal.FieldViolations, refusal.RetryDelay);
        (IsOurs, RequestId) = (refusal.IsOurs, requestId);
    }

    /// <summary>
    /// Why the server refused. <see cref="ErrorReason.Unspecified"/> if something other than TaskGrpc refused, or if a newer server sent a
    /// reason that this library does not know.
    /// </summary>
    public ErrorReason Reason { get; }

    /// <summary>The particulars of the reason, for example <c>current_etag</c>; empty if there are none.</summary>
    public IReadOnlyDictionary<string, string> Details { get; }

    /// <summary>Every field that was not acceptable; empty if the refusal is not about fields.</summary>
    public IReadOnlyList<FieldViolation> FieldViolations { get; }

    /// <summary>How long the server asks to wait before the next attempt; null if it does not say.</summary>
    public TimeSpan? RetryDelay { get; }

    /// <summary>
    /// The request_id under which the mutation was sent, yours or the library's; null for a call that changes nothing. After UNAVAILABLE
    /// or DEADLINE_EXCEEDED the outcome is unknown: send the same request with this `request_id` again, and it takes effect once.
    /// </summary>
    public string? RequestId { get; }

    /// <summary>Whether TaskGrpc itself refused, and not a proxy, the connection or this library.</summary>
    internal bool IsOurs { get; }

    /// <summary>
    /// The statuses to which the resource can move now, from the detail <c>allowed</c> of INVALID_TRANSITION:
    /// <c>refusal.AllowedStatuses&lt;AgentTaskStatus&gt;()</c>.
    /// </summary>
    /// <typeparam name="TStatus">The kind's status.</typeparam>
    /// <returns>
    /// The statuses; empty at the end of a lifecycle, for another reason, and for another kind's status. A status of a newer server that
    /// this library does not know is left out.
    /// </returns>
    public IReadOnlyList<TStatus> AllowedStatuses<TStatus>()
        where TStatus : struct, Enum
    {
        // AGENT_TASK_STATUS_AWAITING_APPROVAL is AgentTaskStatus.AwaitingApproval.
        var allowed = Details.GetValueOrDefault("allowed", "").Replace("_", "", StringComparison.Ordinal).Split(',');
        return [.. Enum.GetValues<TStatus>().Where(status =>
            allowed.Contains(typeof(TStatus).Name + status, StringComparer.OrdinalIgnoreCase))];
    }

    private static StatusCode CodeOf(ErrorReason reason)
    {
        var value = ErrorReasonReflection.Descriptor.EnumTypes[0].FindValueByNumber((int)reason);
        return value?.GetOptions()?.GetExtension(OptionsExtensions.Code) is { } code and not Google.Rpc.Code.Ok
            ? (StatusCode)code
            : throw new ArgumentOutOfRangeException(
                nameof(reason), reason, "Choose a reason of the contract, or pass a Status for a failure without a reason.");
    }
}
