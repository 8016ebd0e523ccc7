using Microsoft.Extensions.Options;
using TaskGrpc.Server.Faults;
using TaskGrpc.Server.Ledger;
using TaskGrpc.Server.Ledger.Committing;
using TaskGrpc.Server.Ledger.Schedule;
using TaskGrpc.Server.Resources.Deliveries;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Sending;

/// <summary>One attempt from claim to report. Both are commands: watches see them, and a crash between them loses nothing.</summary>
internal sealed class DeliveryAttempts(DeliveryVerbs deliveries, CommitLanes lanes, IEnumerable<IAlertSender> senders,
    DeliveryMetrics metrics, IOptions<DeliveryOptions> options, TimeProvider time, ILogger<DeliveryAttempts> logger)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private readonly IAlertSender[] _senders = [.. senders];

    /// <summary>Makes an attempt at a due delivery; null if it is no longer due.</summary>
    /// <param name="due">The delivery.</param>
    /// <param name="cancellationToken">Ends the attempt; after its lease expires, it is repeated.</param>
    /// <exception cref="Fault">The lane accepted no command.</exception>
    public async Task<AttemptResult?> MakeAsync(DueResource due, CancellationToken cancellationToken)
    {
        var caller = Caller.System(due.OrganizationId);
        var tries = default(DeliveryTries);
        Delivery Claim(UnitOfWork unit) =>
            deliveries.Claim(unit, due, next => RetrySchedule.After(next, retryAfter: null, chance: 0), out tries);
        var claimed = await lanes.CommitAsync(new LedgerCommand<Delivery>(caller, request: null, dryRun: false, Claim, cancellationToken));
        if (claimed.Id.Length == 0)
        {
            return null;
        }

        var began = time.GetTimestamp();
        var result = await SendAsync(claimed, cancellationToken);
        metrics.Attempted(claimed.Target.Type, result, time.GetElapsedTime(began));
        FaultPoint.Pass(FaultPoint.AfterSend);
        await ReportAsync(caller, claimed, result, tries, began, cancellationToken);
        return result;
    }

    private async Task<AttemptResult> SendAsync(Delivery claimed, CancellationToken cancellationToken)
    {
        try
        {
            return await _senders.Single(sender => sender.Serves(claimed.Target.Type)).SendAsync(claimed, cancellationToken);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            // A bug. Report it like any failure, so that it is retried on schedule and not for ever.
            logger.AttemptFailed(exception, claimed.Id);
            return AttemptResult.Retryable("The server failed during the attempt. Its log has the details.");
        }
    }

    /// <summary>Tries to report until the lease expires, because an attempt without a report is sent again.</summary>
    private async Task ReportAsync(
        Caller caller, Delivery claimed, AttemptResult result, DeliveryTries tries, long began, CancellationToken cancellationToken)
    {
        var wait = RetrySchedule.After(tries.Next, result.RetryAfter, Random.Shared.NextDouble());
        while (true)
        {
            try
            {
                // Not cancelled with the attempt: at a shutdown, the lane runs longer.
                await lanes.CommitAsync(
                    new LedgerCommand<Delivery>(caller, request: null, dryRun: false,
                        unit => deliveries.Report(unit, claimed, result, tries, wait), CancellationToken.None));
                return;
            }
            catch (Fault fault) when (fault.Reason is ErrorReason.Overloaded or ErrorReason.StorageFull or ErrorReason.StorageUnavailable
                && time.GetElapsedTime(began) < options.Value.Lease)
            {
                await Task.Delay(fault.RetryAfter ?? Patience, time, cancellationToken);
            }
        }
    }
}
