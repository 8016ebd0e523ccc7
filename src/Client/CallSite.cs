using System.Globalization;
using Grpc.Core;

namespace TaskGrpc.Client;

/// <summary>The call, the server and the request_id that an exception names.</summary>
internal readonly record struct CallSite(string Service, string Method, Uri Address, string? RequestId)
{
    public CallSite(IMethod method, Uri address, string? requestId)
        : this(method.ServiceName, method.Name, address, requestId)
    {
    }

    private string Origin => Address.GetLeftPart(UriPartial.Authority);

    private string Name => $"{Service}/{Method} at {Origin}";

    public OperationCanceledException Cancelled(string how, Exception cause, CancellationToken cancellationToken) =>
        new($"{Name} {how}.", cause, cancellationToken);

    /// <summary>The one exception of a failed call.</summary>
    /// <param name="exception">The failure that gRPC reports.</param>
    /// <param name="attempts">How many attempts were made.</param>
    /// <param name="elapsed">How long ago the call began; null for a stream.</param>
    /// <param name="before">The failure of the attempt before.</param>
    public TaskGrpcException Failure(RpcException exception, int attempts = 1, TimeSpan? elapsed = null, TaskGrpcException? before = null)
    {
        var refusal = TaskGrpcRefusal.Of(exception);
        var status = refusal.IsOurs ? exception.Status : LostConnection.AsUnavailable(exception.Status);
        var detail = Detail(status, elapsed, before);
        var reason = refusal.ReasonName.Length > 0 ? $" {refusal.ReasonName}" : "";
        var count = attempts > 1 ? string.Create(CultureInfo.InvariantCulture, $", attempt {attempts}") : "";
        var message = $"{detail} ({CodeName(status.StatusCode)}{reason}, {Name}{count})";
        status = new Status(status.StatusCode, detail, status.DebugException);
        return new TaskGrpcException(status, exception.Trailers, message, refusal, RequestId);
    }

    private string Detail(Status status, TimeSpan? elapsed, TaskGrpcException? before)
    {
        if (status.StatusCode == StatusCode.DeadlineExceeded && status.Detail.Length == 0)
        {
            var seconds = elapsed?.TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture);
            var when = seconds is null ? "" : $", {seconds} s after the call began";
            var why = before is null ? "" : $" The attempt before failed: {before.Status.Detail}";
            return $"No answer came before the deadline{when}.{why}";
        }

        if (status.StatusCode == StatusCode.Unavailable && status.DebugException is { } cause)
        {
            while (cause.InnerException is { } inner)
            {
                cause = inner;
            }

            return $"The connection to {Origin} was lost, or none could be made: {cause.Message}";
        }

        return status.Detail.Length > 0 ? status.Detail : "The server gave no explanation.";
    }

    /// <summary>As the gRPC specification writes it.</summary>
    private static string CodeName(StatusCode code) => code == StatusCode.OK
        ? "OK"
        : string.Concat(code.ToString()
            .Select((letter, at) => (at > 0 && char.IsUpper(letter) ? "_" : "") + char.ToUpperInvariant(letter)));
}
