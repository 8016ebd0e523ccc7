using TaskGrpc.Server.Faults;
using TaskGrpc.Server.Ledger;
using TaskGrpc.Server.Ledger.Committing;
using TaskGrpc.Server.Storage;
using TaskGrpc.V1;
using Code = Google.Rpc.Code;
using Status = Google.Rpc.Status;

namespace TaskGrpc.Server.Calls;

/// <summary>
/// Turns the failure of a call into a status. An unexpected exception becomes an incident id: no stack trace, SQL or path leaves.
/// </summary>
internal sealed class Refusals(FaultMetrics metrics, StoreOutages outages, TimeProvider time, ILogger<Refusals> logger)
{
    /// <summary>Why a call failed.</summary>
    /// <param name="exception">The failure.</param>
    /// <param name="call">The call.</param>
    /// <param name="isWhole">Whether the protocol has room for all details; a gRPC trailer has not.</param>
    public CallRefusal Of(Exception exception, Call call, bool isWhole = false)
    {
        if (exception is Fault fault)
        {
            return Of(fault, call, isWhole);
        }

        var isLate = call.IsLate(time.GetUtcNow());
        if (isLate || call.Ended.IsCancellationRequested)
        {
            // The caller has canceled or its deadline has passed, so the failure does not matter any more. The framework closes the
            // response at the deadline before it cancels the token, so a write can fail before Ended is cancelled.
            var code = isLate ? Code.DeadlineExceeded : Code.Cancelled;
            return new CallRefusal(new Status { Code = (int)code, Message = "The call was cancelled." }, Fault: null);
        }

        var failure = StorageFailures.Of(exception);
        if (failure is { } outage and not StorageFailure.Refused)
        {
            return Of(Outage(outage, exception, call), call, isWhole);
        }

        if (StorageFailures.AreKeysUnusable(exception))
        {
            const string Advice =
                "This server cannot use its keys and shuts down; nothing was changed. Retry on another replica, or here after the "
                    + "restart.";
            return Of(new Fault(ErrorReason.Draining, Advice), call, isWhole);
        }

        var incidentId = Guid.NewGuid();
        logger.Unexpected(exception, incidentId, call.Name);
        // A refusal by the database is a known outcome: a retry would fail again.
        var what = failure is null ? "The server failed unexpectedly." : "The database refused this call, and nothing was changed.";
        var unexpected = new Fault(ErrorReason.Unexpected, $"{what} Report the incident_id in the details to the server's operator.");
        return Of(unexpected.With("incident_id", incidentId.ToString()), call, isWhole);
    }

    private Fault Outage(StorageFailure failure, Exception exception, Call call)
    {
        if (failure is StorageFailure.Lost or StorageFailure.Busy or StorageFailure.Held or StorageFailure.Full)
        {
            outages.Failed(failure, exception);
        }
        else
        {
            logger.StoreFailed(exception, call.Name);
        }

        return failure == StorageFailure.Full
            ? StoreFaults.Full()
            : new Fault(
                ErrorReason.StorageUnavailable,
                "The store did not answer, so the outcome of a change is unknown. Retry with the same request_id.");
    }

    private CallRefusal Of(Fault fault, Call call, bool isWhole)
    {
        var reason = ErrorReasons.Of(fault.Reason).Name;
        metrics.Refused(reason);
        logger.Refused(call.Name, reason);
        return new CallRefusal(isWhole ? FaultStatus.Whole(fault) : FaultStatus.Of(fault), fault);
    }
}

/// <summary>Why a call failed; every protocol sends it in its own form.</summary>
/// <param name="Status">The error, with its details.</param>
/// <param name="Fault">The refusal; null if the caller has cancelled or its deadline has passed.</param>
internal readonly record struct CallRefusal(Status Status, Fault? Fault)
{
    /// <summary>When to retry; null if waiting does not help.</summary>
    public TimeSpan? RetryAfter => Fault?.RetryAfter;
}
