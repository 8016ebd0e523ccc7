using System.Net.Sockets;
using Google.Protobuf.WellKnownTypes;
using TaskGrpc.Server.Faults;
using TaskGrpc.Server.Ledger;
using TaskGrpc.Server.Ledger.Committing;
using TaskGrpc.Server.Ledger.Schedule;
using TaskGrpc.Server.Resources.Deliveries;
using TaskGrpc.Server.Resources.FlowExecutions;
using TaskGrpc.Server.Storage;
using TaskGrpc.Server.Storage.Schema.Rows;
using TaskGrpc.V1;
using static TaskGrpc.V1.ErrorReason;

namespace TaskGrpc.Server.Resources;

/// <summary>Takes the next steps of cascades, one at a time, and rests in between so that other commands commit.</summary>
internal sealed class Cascades(
    FlowExecutionVerbs flows,
    DeliveryVerbs deliveries,
    CommitLanes lanes,
    CommitSignal signal,
    TaskStore store,
    StoreOutages outages,
    TimeProvider time,
    ILogger<Cascades> logger) : ScheduleReader(SchedulePurpose.Cascade, Interval, signal, store, outages, time)
{
    /// <summary>How often a replica looks for cascades that another one has left.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    private readonly List<string> _due = [];

    /// <summary>Longer than other reads rest, because commits of other organizations may wait for a step.</summary>
    protected override int RestFactor => 10;

    /// <summary>A command that begins a cascade changes more than one step does.</summary>
    protected override bool Concerns(IReadOnlyList<LoggedChange> changes) => changes.Count > Cascade.Step;

    protected override void Offer(DuePlace place, CancellationToken stopping) => _due.Add(place.OrganizationId);

    protected override async Task OfferedAsync(CancellationToken stopping)
    {
        string[] organizations = [.. _due];
        _due.Clear();
        foreach (var organizationId in organizations)
        {
            try
            {
                if (await StepAsync(organizationId, stopping))
                {
                    Stir(organizationId);
                }
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                // The cascade stays due. Cascades of other organizations go on meanwhile.
                Failed(exception);
            }
        }
    }

    /// <summary>Takes a step of an organization's oldest cascade; false if none is due here.</summary>
    private async Task<bool> StepAsync(string organizationId, CancellationToken stopping)
    {
        if (await NextAsync(organizationId, stopping) is not { } cascade)
        {
            return false;
        }

        var actor = new Actor { Type = (ActorType)cascade.ActorType, Id = cascade.ActorId };
        var caller = new Caller(organizationId, actor) { IntegrationType = cascade.IntegrationType };
        var covered = (ResourceKind)cascade.Kind == ResourceKind.FlowExecution ? flows.Covered : deliveries.Covered;
        await lanes.CommitAsync(new LedgerCommand<Empty>(caller, request: null, dryRun: false, unit =>
        {
            Cascade.GoOn(unit, cascade.ResourceId, covered);
            return new Empty();
        }, stopping));
        return true;
    }

    private async Task<CascadeRow?> NextAsync(string organizationId, CancellationToken stopping)
    {
        using var rented = await Store.RentAsync(organizationId, stopping);
        var due = rented.Reader.Statements<ScheduleStatements>()
            .At(SchedulePurpose.Cascade, organizationId, Cascade.Group, Time.GetUtcNow(), limit: 1, Store.Replica);
        return due is [var next] ? rented.Reader.Statements<CascadeStatements>().Find(organizationId, next.Id) : null;
    }

    private void Failed(Exception exception)
    {
        switch (StorageFailures.Of(exception) ?? (exception is SocketException ? StorageFailure.Lost : null))
        {
            case { } failure and not StorageFailure.Refused:
                Outages.Failed(failure, exception);
                break;
            case null when exception is Fault { Reason: Overloaded or StorageFull or StorageUnavailable or Draining }:
                // The lane accepts no command now.
                break;
            default:
                logger.CascadeFailed(exception);
                break;
        }
    }
}
