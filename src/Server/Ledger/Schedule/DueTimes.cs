using System.Net.Sockets;
using Google.Protobuf.WellKnownTypes;
using TaskGrpc.Server.Faults;
using TaskGrpc.Server.Ledger.Committing;
using TaskGrpc.Server.Ledger.Kinds;
using TaskGrpc.Server.Storage;
using static TaskGrpc.V1.ErrorReason;

namespace TaskGrpc.Server.Ledger.Schedule;

/// <summary>Fires what is due for one purpose, organization by organization, as ordinary commands.</summary>
internal abstract class DueTimes(
    SchedulePurpose purpose, TimeSpan interval, CommitLanes lanes, CommitSignal signal, TaskStore store, StoreOutages outages,
    TimeProvider time, ILogger logger) : ScheduleReader(purpose, interval, signal, store, outages, time)
{
    /// <summary>How often most purposes read the schedule, and so how late their changes may come.</summary>
    protected static readonly TimeSpan Usual = TimeSpan.FromSeconds(1);

    private readonly List<string> _due = [];

    /// <summary>How many resources of an organization fire before another organization's.</summary>
    protected virtual int Limit => Cascade.Step;

    /// <summary>The group of the purpose's rows.</summary>
    protected virtual string Group => DurableTime.Group;

    /// <summary>Nothing: a time that becomes due sooner than the next look at the schedule waits for that.</summary>
    protected override bool Concerns(IReadOnlyList<LoggedChange> changes) => false;

    protected override void Offer(DuePlace place, CancellationToken stopping) => _due.Add(place.OrganizationId);

    /// <summary>Changes what is due in an organization. Resources that it leaves as they are stay due.</summary>
    protected abstract Task FireAsync(string organizationId, IReadOnlyList<DueResource> due, CancellationToken stopping);

    protected Task CommitAsync(Caller caller, Action<UnitOfWork> change, CancellationToken stopping) =>
        lanes.CommitAsync(new LedgerCommand<Empty>(caller, request: null, dryRun: false, unit =>
        {
            change(unit);
            return new Empty();
        }, stopping));

    /// <summary>Changes all that is due in an organization in one revision.</summary>
    protected Task CommitTogetherAsync(
        string organizationId, KindDefinition kind, IReadOnlyList<DueResource> due, Action<UnitOfWork, Guid> change,
        CancellationToken stopping) => CommitAsync(Caller.System(organizationId), unit =>
        {
            unit.Foresee(kind, due.Select(item => item.Id));
            foreach (var item in due)
            {
                change(unit, item.Id);
            }
        }, stopping);

    protected override async Task OfferedAsync(CancellationToken stopping)
    {
        string[] organizations = [.. _due];
        _due.Clear();
        foreach (var organizationId in organizations)
        {
            try
            {
                var due = await DueAsync(organizationId, stopping);
                if (due.Count > 0)
                {
                    await FireAsync(organizationId, due, stopping);
                    Stir(organizationId);
                }
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                // It stays due. Other organizations' times fire meanwhile.
                Failed(exception);
            }
        }
    }

    private async Task<List<DueResource>> DueAsync(string organizationId, CancellationToken stopping)
    {
        using var rented = await Store.RentAsync(organizationId, stopping);
        return rented.Reader.Statements<ScheduleStatements>()
            .At(Purpose, organizationId, Group, Time.GetUtcNow(), Limit, Store.Replica);
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
                logger.DueTimeFailed(exception, Purpose);
                break;
        }
    }
}
